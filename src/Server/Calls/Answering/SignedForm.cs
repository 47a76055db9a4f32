using System.Globalization;
using System.Text;
using Ledgerline.Http;
using Ledgerline.Kernel;
using Ledgerline.Providers.Twilio;
using Microsoft.AspNetCore.Http.Features;

namespace Ledgerline.Calls.Answering;

/// <summary>What the carrier sent, its signature checked.</summary>
/// <param name="CallId">Our own id of the call, where the address that was called has it.</param>
internal sealed record SignedForm(IReadOnlyDictionary<string, string> Fields, long? CallId)
{
    public string? this[string name] => Fields.GetValueOrDefault(name) is { Length: > 0 } value ? value : null;
}

/// <summary>Lets through what the carrier has signed, and nothing else.</summary>
internal sealed class CarrierDoor(TwilioSignature signature, RateLimiter limiter, PublicUrl? address = null)
{
    private const int LargestBytes = 64 * 1024;
    private const string Header = "X-Twilio-Signature";

    /// <summary>Runs the work with the signed content, else refuses: 401 for a bad signature, 404 where there is no carrier.</summary>
    public async Task<IResult> Open(HttpContext context, Func<SignedForm, Task<IResult>> work, CancellationToken stop)
    {
        if (signature.IsOff || address is null)
        {
            return Refusal.NotFound();
        }

        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = LargestBytes;
        }

        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, stop);
        List<KeyValuePair<string, string>> fields = [.. HttpMethods.IsPost(context.Request.Method) ? Read(Encoding.UTF8.GetString(body.GetBuffer(), 0, (int)body.Length)) : []];
        var called = address.At(context.Features.Get<IHttpRequestFeature>()!.RawTarget);
        if (context.Request.Headers[Header].ToString() is not { Length: > 0 } signed || !signature.IsValid(called, fields, signed))
        {
            Telemetry.CountWebhook("twilio", "refused");
            return await limiter.BadSignature(context, stop) is { } tooMany ? tooMany : Refusal.Unauthorized("Invalid signature");
        }

        Telemetry.CountWebhook("twilio", "accepted");
        // A GET carries the same fields in its address.
        var all = fields.Concat(HttpMethods.IsGet(context.Request.Method) ? context.Request.Query.Select(one => new KeyValuePair<string, string>(one.Key, one.Value.ToString())) : []);
        var last = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in all)
        {
            last[Fit(name)] = Fit(value);
        }

        return await work(new SignedForm(last, OwnId(context)));
    }

    private static long? OwnId(HttpContext context) =>
        long.TryParse(context.Request.Query["call"], NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : null;

    // Names are case-sensitive, and empty values count: the framework's own reader knows neither.
    private static IEnumerable<KeyValuePair<string, string>> Read(string form)
    {
        foreach (var pair in form.Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var split = pair.IndexOf('=', StringComparison.Ordinal);
            yield return split < 0 ? new(Decode(pair), "") : new(Decode(pair[..split]), Decode(pair[(split + 1)..]));
        }
    }

    // What no database and no page should hold does not come in; its signature was over all of it.
    private static string Fit(string text) => ShownText.IsFit(text) ? text : string.Concat(text.EnumerateRunes().Where(rune => !ShownText.IsUnfit(rune)));

    private static string Decode(string text) => Uri.UnescapeDataString(text.Replace('+', ' '));
}
