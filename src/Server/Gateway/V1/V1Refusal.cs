using System.Text.Json.Nodes;
using Ledgerline.Http;

namespace Ledgerline.Gateway.V1;

/// <summary>A refusal below <c>/v1</c> that says more than its status: which parameter, which code. Thrown while reading a request, answered after.</summary>
internal sealed class V1Refusal(int status, string message, string? param = null, string? code = null) : Exception(message)
{
    public JsonObject? Metadata { get; init; }

    public Dictionary<string, string> Headers { get; init; } = [];

    public ExactAnswer Answer =>
        new(status, "application/json; charset=utf-8", OpenAiErrors.Body(status, Message, param, code, Metadata?.DeepClone().AsObject()).ToJsonString()) { Headers = Headers };

    public static V1Refusal Wrong(string param, string sentence, string code = "invalid_value") =>
        new(StatusCodes.Status400BadRequest, sentence, param, code);

    public static V1Refusal NoModel(string model) => new(
        StatusCodes.Status404NotFound, $"The model `{model}` does not exist or you do not have access to it.", code: "model_not_found");
}
