using Ledgerline.Http;
using Ledgerline.Providers.Stripe;
using Microsoft.AspNetCore.Http.Features;

namespace Ledgerline.Billing;

/// <summary>
/// One of the addresses where Stripe's events arrive. They all feed the same inbox; they differ in the secret and, for the sake of
/// the clients they were made for, in how they answer.
/// </summary>
internal sealed record StripeWebhook(string Path, Func<StripeOptions, StripeWebhookTrust> TrustOf, object Taken, Func<string, object> Refused)
{
    private const int LargestBytes = 1024 * 1024;
    private const string TestEvent = "test.event";
    private const string Provider = "stripe";

    private static readonly byte[] EmptyTest = [.. """{"id":"evt_test_empty","type":"test.event","data":{"object":"test"}}"""u8];

    public static readonly IReadOnlyList<StripeWebhook> All =
    [
        new("/api/billing/webhook", options => options.Credits, new { Status = "ok" }, sentence => new { Detail = sentence }),
        new("/payments/stripe-webhook", options => options.Payments, new { Success = true, Processed = true }, sentence => new { Detail = sentence }),
        new("/webhook/stripe", options => options.Chat, new { Status = "success" }, sentence => new { Error = sentence }),
    ];

    public async Task<IResult> Handle(
        HttpContext context, StripeOptions options, EventInbox inbox, RateLimiter limiter, TimeProvider clock, ILogger<StripeWebhook> log, CancellationToken stop)
    {
        var trust = TrustOf(options);
        if (trust.IsOff)
        {
            return Refusal.NotFound();
        }

        var body = await ReadBody(context, stop);
        var now = clock.GetUtcNow();
        var header = (string?)context.Request.Headers[StripeSignature.Header];
        if (header is null && trust.TakesUnsignedTests)
        {
            return await TakeTest(body.Length == 0 ? EmptyTest : body, inbox, now, stop)
                ? Results.Json(Taken)
                : await BadSignature(context, limiter, stop);
        }

        if (!StripeSignature.Verify(body, header, trust.Secrets, now))
        {
            return await BadSignature(context, limiter, stop);
        }

        if (StripeEvent.Parse(body, now) is not var (news, text) || news.Livemode != options.IsLive)
        {
            return BadRequest("Invalid payload");
        }

        try
        {
            using var span = Telemetry.Source.StartActivity("stripe event");
            span?.SetTag("event.type", news.Type);
            await inbox.Take(new ReceivedEvent(news, text, now), stop);
            Telemetry.CountWebhook(Provider, "accepted");
            return Results.Json(Taken);
        }
        catch (StripeFailure failure)
        {
            log.LogWarning("Event {EventId} {EventType} was not taken, Stripe has to send it again: {Failure}", news.Id, news.Type, failure.Message);
            return new Refusal(StatusCodes.Status503ServiceUnavailable, "The event could not be taken now: send it again later");
        }
    }

    private static async Task<byte[]> ReadBody(HttpContext context, CancellationToken stop)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = LargestBytes;
        }

        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, stop);
        return body.ToArray();
    }

    // Stored, and nothing else: what nobody signed moves nothing.
    private static async Task<bool> TakeTest(byte[] body, EventInbox inbox, DateTimeOffset now, CancellationToken stop)
    {
        if (StripeEvent.Parse(body, now) is not var (news, text) || news.Type != TestEvent)
        {
            return false;
        }

        await inbox.Keep(ProviderEvents.UnsignedStripe, new ReceivedEvent(news, text, now), stop);
        return true;
    }

    private async Task<IResult> BadSignature(HttpContext context, RateLimiter limiter, CancellationToken stop)
    {
        Telemetry.CountWebhook(Provider, "refused");
        return await limiter.BadSignature(context, stop) is { } tooMany ? tooMany : BadRequest("Invalid signature");
    }

    private IResult BadRequest(string sentence) => Results.Json(Refused(sentence), statusCode: StatusCodes.Status400BadRequest);
}
