using System.Globalization;
using Sandbox.Core;

namespace Sandbox.Twilio.Calls;

/// <summary>The account itself, and what is left of its money when calls are paid.</summary>
internal static class AccountApi
{
    private const decimal Deposit = 100m;
    private static readonly DateTimeOffset Opened = new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static IResult Get(string account) => Json.Answer(new
    {
        sid = account,
        owner_account_sid = account,
        friendly_name = "Sandbox",
        status = "active",
        type = "Full",
        auth_token = (string?)null,
        date_created = TwilioMessage.Date(Opened),
        date_updated = TwilioMessage.Date(Opened),
        uri = $"/2010-04-01/Accounts/{account}.json",
        subresource_uris = new[] { "Calls", "Messages", "Recordings", "IncomingPhoneNumbers", "AvailablePhoneNumbers", "Balance" }
            .ToDictionary(part => part.ToLowerInvariant(), part => $"/2010-04-01/Accounts/{account}/{part}.json"),
    });

    public static IResult Balance(string account, CallBook calls)
    {
        var spent = calls.List().Sum(call => call.State.Price is { } price ? decimal.Parse(price, CultureInfo.InvariantCulture) : 0m);
        return Json.Answer(new { account_sid = account, balance = (Deposit + spent).ToString("0.#####", CultureInfo.InvariantCulture), currency = "USD" });
    }
}
