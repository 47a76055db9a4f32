using System.Text.Json;
using Tests.Identity;
using Xunit;

namespace Tests.Plans;

/// <summary>What is sold, as the clients' price lists show it, word for word.</summary>
public sealed class PriceListTests
{
    [Fact]
    public async Task The_price_list_is_the_contracts_signed_in_or_not()
    {
        await using var world = await People.World();
        const string expected =
            """{"plans":[{"id":"weekly","name":"Premium Weekly","price":"$4.99","billing":"weekly","calls":"Unlimited calls","duration_limit":"2 minutes per call","features":["Unlimited calls","Fun scenarios","Call friends"]},{"id":"basic","name":"Basic Plan","price":"$4.99","billing":"weekly","calls":"5 calls per week","duration_limit":"1 minute per call","features":["Unlimited scenarios","Call history","Basic support"]},{"id":"premium","name":"Premium Plan","price":"$25.00","billing":"monthly","calls":"30 calls per month","duration_limit":"2 minutes per call","features":["All Basic features","Priority support","Advanced analytics"]}],"addon":{"id":"addon","name":"Additional Calls","price":"$4.99","calls":"5 additional calls","expires":"30 days","description":"Perfect when you need a few more calls"},"weekly_plan":{"price":"$4.99","billing":"weekly","features":["Unlimited calls","Fun scenarios","Call friends"]}}""";
        var text = await world.Client.GetStringAsync("/mobile/pricing");
        Assert.Equal(expected, text);
        Assert.Equal(expected, await (await Caller.Mobile(world)).Text(HttpMethod.Get, "/mobile/pricing"));
        Assert.Equal(3, ClientShapes.Decode<ClientShapes.MobilePricing>(text).Plans.Length);
    }

    [Fact]
    public async Task The_catalogue_lists_what_the_web_sells()
    {
        await using var world = await People.World();
        var answer = Parse(await world.Client.GetStringAsync("/payments/subscription-plans"));
        var plans = answer.GetProperty("plans");
        Assert.True(answer.GetProperty("success").GetBoolean());
        foreach (var (id, line) in new Dictionary<string, string>
        {
            ["basic_monthly"] = """{"name":"Basic Monthly","type":"monthly","features":{"voice_minutes":100,"sms_messages":500,"custom_scenarios":3,"transcription_storage":"30_days"},"pricing":null,"price":49.99,"weekly_calls":null}""",
            ["pro_monthly"] = """{"name":"Pro Monthly","type":"monthly","features":{"voice_minutes":500,"sms_messages":2000,"custom_scenarios":10,"transcription_storage":"90_days","advanced_analytics":true},"pricing":null,"price":99.99,"weekly_calls":null}""",
            ["enterprise_monthly"] = """{"name":"Enterprise Monthly","type":"monthly","features":{"voice_minutes":"unlimited","sms_messages":"unlimited","custom_scenarios":"unlimited","transcription_storage":"1_year","advanced_analytics":true,"priority_support":true,"white_label":true},"pricing":null,"price":299.99,"weekly_calls":null}""",
            ["usage_based"] = """{"name":"Pay As You Go","type":"usage","features":null,"pricing":{"voice_per_minute":0.05,"sms_per_message":0.01,"transcription_per_minute":0.02,"custom_scenario_setup":5.0},"price":null,"weekly_calls":null}""",
            ["business_basic"] = """{"name":"Business Basic","type":"monthly","features":null,"pricing":null,"price":49.99,"weekly_calls":20}""",
            ["business_professional"] = """{"name":"Business Professional","type":"monthly","features":null,"pricing":null,"price":99,"weekly_calls":50}""",
            ["business_enterprise"] = """{"name":"Business Enterprise","type":"monthly","features":null,"pricing":null,"price":299,"weekly_calls":null}""",
        })
        {
            Assert.True(JsonElement.DeepEquals(Parse(line), plans.GetProperty(id)), plans.GetProperty(id).GetRawText());
        }

        Assert.DoesNotContain(plans.EnumerateObject(), plan => plan.Name.StartsWith("mobile_", StringComparison.Ordinal));
    }

    private static JsonElement Parse(string text) => JsonDocument.Parse(text).RootElement;
}
