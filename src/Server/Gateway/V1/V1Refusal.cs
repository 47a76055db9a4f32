using System.Text.Json.Nodes;
using Ledgerline.Http;
using Ledgerline.Usage;

namespace Ledgerline.Gateway.V1;

/// <summary>A refusal below <c>/v1</c> that says more than its status: which parameter, which code. Thrown while reading a request, answered after.</summary>
internal sealed class V1Refusal(int status, string message, string? param = null, string? code = null) : Exception(message)
{
    /// <summary>Tells OpenAI's libraries not to ask again where they would.</summary>
    public const string ShouldRetryHeader = "x-should-retry";

    public JsonObject? Metadata { get; init; }

    public Dictionary<string, string> Headers { get; init; } = [];

    public ExactAnswer Answer =>
        new(status, "application/json; charset=utf-8", OpenAiErrors.Body(status, Message, param, code, Metadata?.DeepClone().AsObject()).ToJsonString()) { Headers = Headers };

    public static V1Refusal Wrong(string param, string sentence, string code = "invalid_value") =>
        new(StatusCodes.Status400BadRequest, sentence, param, code);

    public static V1Refusal NoModel(string model) => new(
        StatusCodes.Status404NotFound, $"The model `{model}` does not exist or you do not have access to it.", code: "model_not_found");

    /// <summary>There is no money behind the request.</summary>
    public static V1Refusal NotPaid(FundsAnswer answer)
    {
        var shortage = answer.Shortage!;
        var (code, sentence) = shortage.Reason switch
        {
            ShortageReason.Limit => ("key_limit_reached", "The spend limit of this API key is reached."),
            ShortageReason.InFlight => ("in_flight_budget_exhausted", "What is left is reserved by requests that are still running."),
            ShortageReason.Request => ("request_exceeds_budget", "This request alone costs more than the spend limit of this API key."),
            _ => ("insufficient_credits", "The account has not enough credits for this request."),
        };
        return new V1Refusal(StatusCodes.Status402PaymentRequired, sentence, code: code)
        {
            Metadata = new JsonObject
            {
                ["limit_source"] = shortage.OfLimit ? "key" : "balance",
                ["needed"] = JsonNode.Parse(Cost.Amount(answer.Needed)),
                ["available"] = JsonNode.Parse(Cost.Amount(shortage.Available)),
            },
            Headers = { [ShouldRetryHeader] = "false", [Cost.BalanceHeader] = Cost.Amount(answer.Available) },
        };
    }
}
