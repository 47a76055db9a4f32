using Ledgerline.Plans;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting.Internal;
using Xunit;

namespace Tests.Plans;

public sealed class PlanOptionsTests
{
    [Fact]
    public void Without_settings_it_is_the_contract()
    {
        var options = Read();
        Assert.Equal((3, 4, TimeSpan.FromDays(7), TimeSpan.FromDays(3)), (options.TrialCallsMobile, options.TrialCallsBusiness, options.TrialLength, options.Grace));
        Assert.Equal((1, TimeSpan.FromDays(3), 2, 30), (options.ExtensionCalls, options.ExtensionLength, options.ExtensionMinCalls, options.ExtensionMinSeconds));
        Assert.Equal(
            (60, 60, 120, 120, 3600),
            (options.CallSecondsTrial, options.CallSecondsBasic, options.CallSecondsPremium, options.CallSecondsWeekly, options.CallSecondsBusiness));
        Assert.Equal(PlanOptions.Default.TranscriptRetentionDefault, options.TranscriptRetentionDefault);
    }

    [Fact]
    public void Settings_are_read_by_their_names()
    {
        var options = Read(
            ("TRIAL_CALLS_MOBILE", "5"), ("GRACE_DAYS", "0"), ("TRANSCRIPT_RETENTION_DEFAULT", "unlimited"), ("PLAN_PRICE_BUSINESS_BASIC", "59.99"),
            ("PLAN_PRICE_BASIC_YEARLY", "400"), ("APP_STORE_PRODUCT_ID", "com.example.weekly"));
        Assert.Equal((5, TimeSpan.Zero, null, "com.example.weekly"), (options.TrialCallsMobile, options.Grace, options.TranscriptRetentionDefault, options.WeeklyProductId));
        var prices = PlanSeeds.All(options).ToDictionary(plan => plan.Id, plan => plan.Price?.Minor);
        Assert.Equal((5999L, 59990L, 40000L, 4999L), (prices["business_basic"], prices["business_basic_yearly"], prices["basic_yearly"], prices["basic_monthly"]));
    }

    [Theory]
    [InlineData("TRIAL_CALLS_BUSINESS", "-1", "TRIAL_CALLS_BUSINESS must be a whole number from 0 to 100000.")]
    [InlineData("GRACE_DAYS", "three", "GRACE_DAYS must be a whole number from 0 to 3650.")]
    [InlineData("CALL_SECONDS_BUSINESS", "0", "CALL_SECONDS_BUSINESS must be a whole number from 1 to 86400.")]
    [InlineData("PLAN_PRICE_CHAT_PRO", "9.999", "PLAN_PRICE_CHAT_PRO must be an amount in US dollars with at most two decimals, such as 49.99.")]
    [InlineData("PLAN_PRICE_CHAT_PRO", "79228162514264337593543950335", "PLAN_PRICE_CHAT_PRO must be an amount in US dollars with at most two decimals, such as 49.99.")]
    [InlineData("TRANSCRIPT_RETENTION_DEFAULT", "a while", "TRANSCRIPT_RETENTION_DEFAULT must be a time such as 30_days or 1_year, or unlimited.")]
    public void A_setting_that_makes_no_sense_is_named(string name, string value, string sentence) =>
        Assert.Equal(sentence, Assert.Throws<FormatException>(() => Read((name, value))).Message);

    private static PlanOptions Read(params (string Name, string? Value)[] settings) => PlanOptions.Read(
        new ConfigurationBuilder().AddInMemoryCollection(settings.ToDictionary(one => one.Name, one => one.Value)).Build(),
        new HostingEnvironment { EnvironmentName = "Production" });
}
