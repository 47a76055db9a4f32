using System.Net;
using System.Text;
using Xunit;

namespace Tests.Sandbox;

/// <summary>The same key gives the same answer for a day; another request with it, or two at once, are refused.</summary>
public sealed class StripeIdempotencyTests
{
    private static readonly (string, object)[] Anna = [("email", "anna@example.com"), ("metadata[a]", "1"), ("name", "Anna")];

    [Fact]
    public async Task TheSameRequestIsAnsweredAsTheFirstTime()
    {
        await using var stripe = await StripeSandbox.Start();
        var first = await Customer(stripe, "key-1");
        var again = await Customer(stripe, "key-1", Anna[2], Anna[1], Anna[0]);

        Assert.Equal(first.Id, again.Id);
        Assert.Equal(first.Body.ToJsonString(), again.Body.ToJsonString());
        Assert.False(first.Headers.Contains("Idempotent-Replayed"));
        Assert.Equal("true", again.Headers.GetValues("Idempotent-Replayed").Single());
        Assert.Equal("key-1", again.Headers.GetValues("Idempotency-Key").Single());
        Assert.Equal(first.Headers.GetValues("Request-Id"), again.Headers.GetValues("Original-Request"));
        Assert.NotEqual(first.Headers.GetValues("Request-Id"), again.Headers.GetValues("Request-Id"));
        Assert.Single((await stripe.Get("/v1/customers")).Data);
    }

    [Fact]
    public async Task OtherParametersOrAnotherAddressAreRefused()
    {
        await using var stripe = await StripeSandbox.Start();
        await Customer(stripe, "key-1");
        var other = await Customer(stripe, "key-1", Anna[0]);
        Assert.Equal((HttpStatusCode.BadRequest, "idempotency_error"), (other.Status, (string)other.Error["type"]!));
        Assert.Equal("false", other.Headers.GetValues("Stripe-Should-Retry").Single());
        var elsewhere = await stripe.Send(HttpMethod.Post, "/v1/products", Anna, "key-1");
        Assert.Equal((HttpStatusCode.BadRequest, "idempotency_error"), (elsewhere.Status, (string)elsewhere.Error["type"]!));
        Assert.Single((await stripe.Get("/v1/customers")).Data);
    }

    [Fact]
    public async Task ADeclineIsRememberedToo()
    {
        await using var stripe = await StripeSandbox.Start();
        (string, object)[] charge =
            [("amount", 500), ("currency", "usd"), ("payment_method", "pm_card_chargeDeclined"), ("payment_method_types[]", "card"), ("confirm", true)];
        var first = await stripe.Send(HttpMethod.Post, "/v1/payment_intents", charge, "recharge:1");
        var again = await stripe.Send(HttpMethod.Post, "/v1/payment_intents", charge, "recharge:1");
        Assert.Equal((HttpStatusCode.PaymentRequired, HttpStatusCode.PaymentRequired), (first.Status, again.Status));
        Assert.Equal(first.Body.ToJsonString(), again.Body.ToJsonString());
        Assert.Single((await stripe.Get("/v1/payment_intents")).Data);
    }

    [Fact]
    public async Task ARequestThatWasNeverBegunLeavesItsKeyUnused()
    {
        await using var stripe = await StripeSandbox.Start();
        Assert.Equal(HttpStatusCode.BadRequest, (await Customer(stripe, "key-1", ("emial", "anna@example.com"))).Status);
        Assert.Equal(HttpStatusCode.OK, (await Customer(stripe, "key-1")).Status);
    }

    [Fact]
    public async Task AfterADayTheKeyIsForgotten()
    {
        await using var stripe = await StripeSandbox.Start();
        var first = await Customer(stripe, "key-1");
        stripe.Clock.Advance(TimeSpan.FromHours(23.9));
        Assert.Equal(first.Id, (await Customer(stripe, "key-1")).Id);
        stripe.Clock.Advance(TimeSpan.FromHours(0.2));
        Assert.NotEqual(first.Id, (await Customer(stripe, "key-1")).Id);
    }

    [Fact]
    public async Task AKeyThatIsInUseIsRefusedUntilItsRequestIsAnswered()
    {
        await using var stripe = await StripeSandbox.Start();
        for (var attempt = 0; attempt < 20; attempt++)
        {
            using var slow = new SlowBody("email=anna%40example.com");
            using var request = new HttpRequestMessage(HttpMethod.Post, "/stripe/v1/customers") { Content = slow };
            var first = stripe.Send(request, "key-1");
            await slow.Begun;
            // What asks is refused either way: it must not use the key up when it comes before the first.
            StripeAnswer asked;
            do
            {
                asked = await Customer(stripe, "key-1", ("emial", "anna@example.com"));
            }
            while (asked.Status == HttpStatusCode.BadRequest && !first.IsCompleted);

            slow.Finish();
            var made = await first;
            if (made.Status == HttpStatusCode.Conflict)
            {
                // It came while the other was being refused.
                continue;
            }

            Assert.Equal((HttpStatusCode.Conflict, "idempotency_error", "idempotency_key_in_use"), (asked.Status, (string)asked.Error["type"]!, (string)asked.Error["code"]!));
            Assert.Equal("true", asked.Headers.GetValues("Stripe-Should-Retry").Single());
            Assert.Equal(made.Id, (await Customer(stripe, "key-1", ("email", "anna@example.com"))).Id);
            return;
        }

        Assert.Fail("The key was never found in use.");
    }

    [Fact]
    public async Task ManyAtOnceMakeOne()
    {
        await using var stripe = await StripeSandbox.Start();
        var answers = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => Customer(stripe, "key-1")));
        Assert.All(answers, answer => Assert.True(answer.Status is HttpStatusCode.OK or HttpStatusCode.Conflict, $"{answer.Status}"));
        Assert.Single((await stripe.Get("/v1/customers")).Data);
        Assert.Single(answers.Where(answer => answer.Status == HttpStatusCode.OK).Select(answer => answer.Id).Distinct());
    }

    private static Task<StripeAnswer> Customer(StripeSandbox stripe, string key, params (string, object)[] form) =>
        stripe.Send(HttpMethod.Post, "/v1/customers", form.Length == 0 ? Anna : form, key);

    /// <summary>Sends its first bytes and then waits.</summary>
    private sealed class SlowBody : HttpContent
    {
        private readonly string _text;
        private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _finish = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public SlowBody(string text)
        {
            _text = text;
            Headers.TryAddWithoutValidation("Content-Type", "application/x-www-form-urlencoded");
        }

        public Task Begun => _begun.Task;

        public void Finish() => _finish.TrySetResult();

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.WriteAsync(Encoding.UTF8.GetBytes(_text[..4]));
            await stream.FlushAsync();
            _begun.SetResult();
            await _finish.Task;
            await stream.WriteAsync(Encoding.UTF8.GetBytes(_text[4..]));
        }

        protected override bool TryComputeLength(out long length)
        {
            length = _text.Length;
            return true;
        }
    }
}
