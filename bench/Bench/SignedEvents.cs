using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;

namespace Bench;

/// <summary>Events as Stripe sends them: of some kilobytes, each with an id of its own, signed over the raw bytes.</summary>
internal sealed class SignedEvents
{
    public const string Secret = "whsec_bench";

    private static readonly byte[] Key = Encoding.UTF8.GetBytes(Secret);

    // As much as a customer's data usually is.
    private static readonly string Customer = $$$"""
        "id":"cus_Bench","object":"customer","address":{"city":"Springfield","country":"US","line1":"742 Evergreen Terrace","line2":null,"postal_code":"49007","state":null},
        "balance":0,"created":1790000000,"currency":"usd","delinquent":false,"description":"{{{new string('d', 400)}}}","email":"jane@example.com","invoice_prefix":"0A1B2C3D",
        "invoice_settings":{"custom_fields":null,"default_payment_method":"pm_1Bench","footer":null,"rendering_options":null},"livemode":false,"name":"Jane Doe",
        "metadata":{"account_id":"0190f8e2-6d2c-7b3a-9d55-3f0c1f1f2a10"},"phone":null,"preferred_locales":["en-US"],"shipping":null,"tax_exempt":"none","test_clock":null
        """;

    private readonly string run = Guid.NewGuid().ToString("N");
    private long number;

    /// <summary>A new one that has no effect but to be kept, as most of what Stripe tells.</summary>
    public HttpRequestMessage Next(string path) => Signed(path, Text($"evt_{run}_{Interlocked.Increment(ref number)}", "customer.updated", $"{{{Customer}}}"));

    public static string Text(string id, string type, string subject) =>
        $$$"""{"id":"{{{id}}}","object":"event","api_version":"2026-08-26.dahlia","created":{{{Now()}}},"type":"{{{type}}}","livemode":false,"pending_webhooks":1,"request":{"id":null,"idempotency_key":null},"data":{"object":{{{subject}}}}}""";

    /// <param name="clock">The server's, where it is not the system's.</param>
    public static HttpRequestMessage Signed(string path, string text, TimeProvider? clock = null)
    {
        var body = Encoding.UTF8.GetBytes(text);
        var time = Now(clock);
        var signature = HMACSHA256.HashData(Key, (byte[])[.. Encoding.ASCII.GetBytes($"{time}."), .. body]);
        return new HttpRequestMessage(HttpMethod.Post, path)
        {
            Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } },
            Headers = { { "Stripe-Signature", $"t={time},v1={Convert.ToHexStringLower(signature)}" } },
        };
    }

    private static string Now(TimeProvider? clock = null) => (clock ?? TimeProvider.System).GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
}
