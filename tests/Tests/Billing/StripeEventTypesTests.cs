using Ledgerline.Billing;
using Newtonsoft.Json.Linq;
using Tests.House;
using Xunit;

namespace Tests.Billing;

public sealed class StripeEventTypesTests
{
    [Fact]
    public async Task Every_event_that_has_an_effect_is_one_that_Stripe_knows()
    {
        var specification = JObject.Parse(await File.ReadAllTextAsync(Repository.Path("tests", "specs", "stripe.json")));
        var known = specification.SelectTokens("$..type.enum").Select(words => words.Select(word => $"{word}").ToHashSet())
            .First(words => words.Contains("charge.refunded"));
        Assert.All(
            [
                .. StripeEventTypes.OfSessions, .. StripeEventTypes.OfPayments, .. StripeEventTypes.OfSubscriptions, .. StripeEventTypes.OfInvoices,
                StripeEventTypes.PaymentSucceeded,
            ],
            type => Assert.Contains(type, known));
    }
}
