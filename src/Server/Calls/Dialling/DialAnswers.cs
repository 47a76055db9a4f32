using Ledgerline.Http;
using Ledgerline.Plans;

namespace Ledgerline.Calls.Dialling;

/// <summary>What a client reads of its allowances after a call.</summary>
public sealed record CallUsage(
    long? CallsRemainingThisWeek, long? CallsRemainingThisMonth, long AddonCallsRemaining, bool UpgradeRecommended, long TrialCallsRemaining, long CallsMadeTotal)
{
    public static CallUsage Of(Standing standing) => new(
        standing.CallsRemainingThisWeek, standing.CallsRemainingThisMonth, standing.AddOnCalls, standing.UpgradeRecommended, standing.Trial.Remaining, standing.Calls.Total);
}

/// <summary>The door to how a call that was asked for is answered: its scenario found, the same key answered the same, every refusal in its form.</summary>
public sealed class DialAnswers(Dialer dialer, Entitlements entitlements, Offers offers, Idempotency idempotency)
{
    public const string NoNumber = "No phone number available. Please provision a phone number in Settings or configure TWILIO_PHONE_NUMBER.";
    public const string NoSystemNumber = "System phone number not configured";
    public const string NotInitiated = "Unable to initiate call";
    public const string InvalidScenario = "Invalid scenario";
    public const string NoCustomScenario = "Custom scenario not found or you don't have permission to use it";

    private static readonly TimeSpan WhenBusy = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan WhenFull = TimeSpan.FromSeconds(30);

    /// <param name="found">The scenario that was named.</param>
    /// <param name="mustBeCustom">The address is one of scenarios of one's own.</param>
    /// <param name="kind">One of the kinds of calls: it decides the number to call from, and the words of a refusal.</param>
    public Task<IResult> Place(
        HttpContext context, CurrentAccount current, string? number, Scenarios.ScenarioFound found, bool mustBeCustom, string kind, Func<PlacedCall, CallUsage, object> answer,
        CancellationToken stop) => idempotency.Run(context, current.Id, () => $"{number} {found.Scenario?.Id}", async ticket =>
    {
        if (found.Scenario is not { } scenario || mustBeCustom && scenario.Owner is null)
        {
            return mustBeCustom || found.IsForeign ? Refusal.NotFound(NoCustomScenario) : Refusal.BadRequest(InvalidScenario);
        }

        var order = new DialOrder(current.Id, number, scenario, kind) { RequestKey = ticket is { IsMadeUp: false } ? $"{ticket.Path} {ticket.Key}" : null };
        var outcome = await dialer.Place(order, stop);
        return outcome is DialOutcome.Placed placed
            ? Results.Ok(answer(placed.Call, CallUsage.Of(placed.Standing ?? await entitlements.Of(current.Id, stop))))
            : await Refuse(outcome, kind == Status.CallKind.Mobile, stop);
    });

    private async Task<IResult> Refuse(DialOutcome outcome, bool isMobile, CancellationToken stop) => outcome switch
    {
        DialOutcome.Denied denied => isMobile ? await offers.Refuse(denied.Verdict, stop) : await offers.RefuseCall(denied.Verdict, stop),
        DialOutcome.BadNumber bad => Refusal.BadRequest(bad.Sentence),
        DialOutcome.NoNumber => isMobile ? new Refusal(StatusCodes.Status500InternalServerError, NoSystemNumber) : Refusal.BadRequest(NoNumber),
        DialOutcome.NoLine full => Refusal.TooManyRequests(WhenFull, $"{full.Lines} calls are running. Try again when one of them has ended."),
        DialOutcome.TooBusy => Passing("Too many calls are being placed. Try again in a few seconds."),
        DialOutcome.Unknown or DialOutcome.Refused { IsPassing: true } when isMobile =>
            new Refusal(StatusCodes.Status500InternalServerError, NotInitiated) { RetryAfter = WhenBusy, IsPassing = true },
        _ when isMobile => new Refusal(StatusCodes.Status500InternalServerError, NotInitiated),
        DialOutcome.Refused { IsPassing: false } refused => Refusal.BadRequest($"An error occurred with the phone service: {refused.Sentence}"),
        DialOutcome.Unknown => Passing("It is not known yet whether the call was placed. It is being looked up, and will not be dialled twice."),
        _ => Passing("The phone service cannot be reached. Try again in a few seconds."),
    };

    private static Refusal Passing(string sentence) => new(StatusCodes.Status503ServiceUnavailable, sentence) { RetryAfter = WhenBusy, IsPassing = true };
}
