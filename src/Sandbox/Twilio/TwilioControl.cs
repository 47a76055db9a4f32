using Sandbox.Core;

namespace Sandbox.Twilio;

/// <summary>Twilio's part of the control room.</summary>
internal static class TwilioControl
{
    public static Html Panel => Html.Of($"""
        <section><h2>Twilio</h2><form class="row" data-json="POST" action="/_sandbox/twilio/deliveries"><label>The next messages to<input name="to"></label>
        <label>are<select name="outcome">{NextDelivery.Outcomes.Select(outcome => Html.Of($"<option>{outcome}</option>"))}</select></label>
        <label>times<input name="times" type="number" min="1" value="1"></label><button>Set</button></form>
        <form class="row" data-json="POST" action="/_sandbox/twilio/opt-out"><label>This number wants no messages<input name="number"></label><button>Opt out</button></form>
        <p>{Page.Button("Trial account", "POST", "/_sandbox/twilio/trial", new { on = true })}{Page.Button("Ordinary account", "POST", "/_sandbox/twilio/trial", new { on = false })}</p></section>
        """);

    public sealed record OptOutCall
    {
        public string Number { get; init; } = "";
        public bool OptedOut { get; init; } = true;
    }

    public sealed record TrialCall
    {
        public bool On { get; init; } = true;
        public IReadOnlyList<string> Verified { get; init; } = [];
    }

    public static async Task<IResult> Deliver(HttpContext context, TwilioWorld world)
    {
        var delivery = await Json.Read<NextDelivery>(context);
        if (delivery.Times is < 1 or > 100_000 || !NextDelivery.Outcomes.Contains(delivery.Outcome))
        {
            return Json.Refuse($"times is between 1 and 100000; outcome is one of {string.Join(", ", NextDelivery.Outcomes)}.");
        }

        world.Script(delivery);
        return Results.NoContent();
    }

    public static async Task<IResult> OptOut(HttpContext context, TwilioWorld world)
    {
        var call = await Json.Read<OptOutCall>(context);
        if (!TwilioNumbers.IsE164(call.Number))
        {
            return Json.Refuse("number is written as +15551234567.");
        }

        world.SetOptedOut(call.Number, call.OptedOut);
        return Results.NoContent();
    }

    public static async Task<IResult> Trial(HttpContext context, TwilioWorld world)
    {
        var call = await Json.Read<TrialCall>(context);
        world.SetTrial(call.On ? call.Verified : null);
        return Results.NoContent();
    }
}
