using System.Text.Json.Nodes;

namespace Sandbox.Stripe;

/// <summary>A refusal in Stripe's own shape: <c>{"error": {type, code?, message, param?, …}}</c>.</summary>
internal sealed class StripeError(int status, string type, string message) : Exception(message)
{
    public int Status { get; } = status;
    public string Type { get; } = type;
    public string? Code { get; init; }
    public string? Param { get; init; }

    /// <summary>More fields of the error, such as the declined card's codes and the payment intent.</summary>
    public JsonObject? Fields { get; init; }

    public static StripeError Invalid(string message, string? param = null, string? code = null, int status = 400) =>
        new(status, "invalid_request_error", message) { Param = param, Code = code };

    public static StripeError Missing(string what, string id, string? param, int status = 404) =>
        new(status, "invalid_request_error", $"No such {what}: '{id}'") { Code = "resource_missing", Param = param };

    public static StripeError Unauthorized(string message) => new(401, "invalid_request_error", message);

    /// <summary>Stripe knows it, this sandbox does not: refused, so that nobody takes silence for an effect.</summary>
    public static StripeError NotPlayed(string what) =>
        Invalid($"The sandbox does not play {what}. Stripe itself would take it.", what, "sandbox_not_played");

    /// <summary>A declined card: 402 with what the bank said and the intent it was tried for.</summary>
    public static StripeError Card(CardFailure failure, string kind, JsonObject? intent)
    {
        var fields = failure.ToJson();
        if (intent is not null)
        {
            fields[kind] = intent.Copy();
        }

        return new StripeError(402, "card_error", failure.Message) { Code = failure.Code, Param = failure.Param, Fields = fields };
    }

    public JsonObject ToJson(string? requestId)
    {
        var error = Fields?.Copy() ?? [];
        error["type"] = Type;
        error["message"] = Message;
        if (Code is not null)
        {
            error["code"] = Code;
            error["doc_url"] = DocUrl(Code);
        }

        if (Param is not null)
        {
            error["param"] = Param;
        }

        if (requestId is not null)
        {
            error["request_log_url"] = $"https://dashboard.stripe.com/test/logs/{requestId}";
        }

        return new JsonObject { ["error"] = error };
    }

    public static string DocUrl(string code) => $"https://stripe.com/docs/error-codes/{code.Replace('_', '-')}";
}
