using System.Text;
using Xunit;

namespace Tests.Specs;

/// <summary>Twilio's forms are flat: a list is a name given again and again, and nothing else may be.</summary>
public sealed class TwilioSpecTests
{
    private const string Call = "To=%2B15551230001&From=%2B15005550006&Url=https://example.test/";

    [Theory]
    [InlineData(Call + "&StatusCallbackEvent=initiated&StatusCallbackEvent=completed")]
    [InlineData(Call + "&StatusCallbackEvent=completed&TimeLimit=60&AsyncAmd=true")]
    public async Task WhatTwilioTakesPasses(string form) => Assert.Null(await Check(form));

    [Theory]
    [InlineData(Call + "&To=%2B15551230002", "the parameter To is given more than once")]
    [InlineData(Call + "&Timelimit=60", "the parameter Timelimit is not in the specification")]
    [InlineData("From=%2B15005550006", "the parameter To is missing")]
    public async Task WhatTwilioRefusesIsNamed(string form, string violation) => Assert.Contains(violation, await Check(form), StringComparison.Ordinal);

    private static async Task<string?> Check(string form) => (await ProviderSpecs.Twilio).CheckRequest(
        "POST", "/2010-04-01/Accounts/AC00000000000000000000000000000000/Calls.json", null, "application/x-www-form-urlencoded", Encoding.UTF8.GetBytes(form));
}
