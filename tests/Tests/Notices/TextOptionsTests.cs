using Ledgerline.Identity;
using Ledgerline.Notices;
using Ledgerline.Providers.Twilio;
using Ledgerline.Providers.Wire;
using Tests.Http;
using Xunit;

namespace Tests.Notices;

public sealed class TextOptionsTests
{
    private const string Account = "AC0123456789abcdef0123456789abcdef";
    private const string Own = $"TWILIO_ACCOUNT_SID={Account} TWILIO_AUTH_TOKEN=token";
    private const string Secret = "SECRET_KEY=thirty-two-characters-of-a-secret";

    [Theory]
    [InlineData("Development", "", TextCarrier.Twilio)]
    [InlineData("Development", "OTP_DELIVERY=log", TextCarrier.Log)]
    [InlineData("Development", Own, TextCarrier.Log)]
    [InlineData("Development", $"{Own} OTP_DELIVERY=twilio", TextCarrier.Off)]
    [InlineData("Production", "", TextCarrier.Off)]
    [InlineData("Production", "OTP_DELIVERY=twilio", TextCarrier.Off)]
    [InlineData("Production", Own, TextCarrier.Off)]
    [InlineData("Production", $"{Own} TWILIO_PHONE_NUMBER=+15550100123", TextCarrier.Twilio)]
    [InlineData("Production", $"{Own} TWILIO_MESSAGING_SERVICE_SID=MG0123456789abcdef0123456789abcdef", TextCarrier.Twilio)]
    [InlineData("Production", $"{Own} TWILIO_VERIFY_SERVICE_SID=VA0123456789abcdef0123456789abcdef", TextCarrier.Verify)]
    public void Who_carries_text_messages_follows_from_what_is_set(string environment, string settings, TextCarrier carrier)
    {
        var twilio = TwilioOptions.Read(Given(environment, settings));
        Assert.Null(twilio.Fault);
        Assert.Equal(carrier, TextOptions.Read(Given(environment, settings), twilio).Carrier);
    }

    [Fact]
    public void Without_a_key_Development_is_the_sandbox_and_elsewhere_it_is_Twilio()
    {
        var development = TwilioOptions.Read(Given("Development", ""));
        Assert.Equal(("http://127.0.0.1:8001/twilio", "http://127.0.0.1:8001/twilio/verify"), (development.BaseAddress, development.VerifyBaseAddress));
        var production = TwilioOptions.Read(Given("Production", Own));
        Assert.Equal(("https://api.twilio.com", "https://verify.twilio.com"), (production.BaseAddress, production.VerifyBaseAddress));
    }

    [Theory]
    [InlineData($"TWILIO_ACCOUNT_SID={Account}", "TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN belong together")]
    [InlineData("TWILIO_AUTH_TOKEN=token", "TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN belong together")]
    [InlineData("TWILIO_VERIFY_SERVICE_SID=VA0123456789abcdef0123456789abcdef", "TWILIO_MESSAGING_SERVICE_SID and TWILIO_VERIFY_SERVICE_SID need")]
    [InlineData($"TWILIO_ACCOUNT_SID={Account} TWILIO_AUTH_TOKEN=twilio-sandbox-token", "TWILIO_ACCOUNT_SID or TWILIO_AUTH_TOKEN is the sandbox's")]
    [InlineData("TWILIO_ACCOUNT_SID=AC5a4d00000000000000000000000b0000 TWILIO_AUTH_TOKEN=token", "TWILIO_ACCOUNT_SID or TWILIO_AUTH_TOKEN is the sandbox's")]
    public void Half_a_configuration_stops_the_start_in_production(string settings, string sentence) =>
        Assert.StartsWith(sentence, TwilioOptions.Read(Given("Production", settings)).Fault, StringComparison.Ordinal);

    [Theory]
    [InlineData("Development", "TWILIO_ACCOUNT_SID=mine", "TWILIO_ACCOUNT_SID must be")]
    [InlineData("Development", "TWILIO_PHONE_NUMBER=none", "TWILIO_PHONE_NUMBER must be")]
    [InlineData("Development", "TWILIO_VERIFY_SERVICE_SID=MG0123456789abcdef0123456789abcdef", "TWILIO_VERIFY_SERVICE_SID must be")]
    [InlineData("Development", "OTP_DELIVERY=pigeon", "OTP_DELIVERY must be twilio or log")]
    [InlineData("Production", "OTP_DELIVERY=log", "OTP_DELIVERY is log outside Development")]
    [InlineData("Staging", "OTP_DELIVERY=log", "OTP_DELIVERY is log outside Development")]
    public void What_cannot_be_read_names_its_setting(string environment, string settings, string sentence) => Assert.StartsWith(
        sentence,
        Assert.Throws<FormatException>(() => TextOptions.Read(Given(environment, settings), TwilioOptions.Read(Given(environment, settings)))).Message,
        StringComparison.Ordinal);

    [Theory]
    [InlineData("Development", "", true)]
    [InlineData("Development", "OTP_ECHO_IN_RESPONSE=false", false)]
    [InlineData("Production", Secret, false)]
    [InlineData("Production", $"{Secret} OTP_ECHO_IN_RESPONSE=false", false)]
    public void Codes_are_in_answers_in_development_only(string environment, string settings, bool echoes) =>
        Assert.Equal(echoes, IdentityOptions.From(Given(environment, settings)).EchoesCodes);

    [Theory]
    [InlineData("Production", "true", "OTP_ECHO_IN_RESPONSE is true outside Development")]
    [InlineData("Staging", "TRUE", "OTP_ECHO_IN_RESPONSE is true outside Development")]
    [InlineData("Development", "yes", "OTP_ECHO_IN_RESPONSE must be true or false")]
    public void Nobody_elses_machine_says_them(string environment, string value, string sentence) => Assert.StartsWith(
        sentence,
        Assert.Throws<FormatException>(() => IdentityOptions.From(Given(environment, $"{Secret} OTP_ECHO_IN_RESPONSE={value}"))).Message,
        StringComparison.Ordinal);

    private static ProviderSettings Given(string environment, string settings) => new(
        Settings.Of([.. settings.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(pair => (pair.Split('=')[0], (string?)pair.Split('=')[1]))]),
        Settings.Environment(environment));
}
