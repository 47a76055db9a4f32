using Microsoft.AspNetCore.WebUtilities;
using Sandbox.Core;

namespace Sandbox.Twilio;

/// <summary>Tells an address of ours what happened: a form, signed over the address as it was given, on the road of Twilio's webhooks.</summary>
internal sealed class TwilioCallback(SandboxOptions options, WebhookSender webhooks, NodeAddresses nodes)
{
    /// <summary>Ends after the first try.</summary>
    public Task Send(string eventId, Uri url, IReadOnlyDictionary<string, string> form)
    {
        var token = Ids.Hex("");
        return webhooks.Enqueue(TwilioRoutes.Name, eventId, url, Encode(form), (_, _) => new Dictionary<string, string>
        {
            ["Content-Type"] = "application/x-www-form-urlencoded; charset=utf-8",
            ["I-Twilio-Idempotency-Token"] = token,
            [TwilioSignature.Header] = TwilioSignature.Of(options.TwilioAuthToken, url.OriginalString, form),
        }, nodes.Reach);
    }

    /// <summary>The form as it travels.</summary>
    public static string Encode(IEnumerable<KeyValuePair<string, string>> form) =>
        QueryHelpers.AddQueryString("", form.Select(field => KeyValuePair.Create<string, string?>(field.Key, field.Value))) is { Length: > 0 } query ? query[1..] : "";
}
