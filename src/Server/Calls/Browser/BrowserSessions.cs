using System.Text.Json;
using Ledgerline.Ai;
using Ledgerline.Calls.Dialling;
using Ledgerline.Http;
using Ledgerline.Kernel;
using Ledgerline.Plans;
using Ledgerline.Scenarios;

namespace Ledgerline.Calls.Browser;

/// <summary><c>POST /realtime/session</c> and <c>POST /realtime/signal</c>: conversations in a browser.</summary>
internal static class BrowserSessions
{
    public const string NoScenario = "Either scenario or scenario_id must be provided";
    public const string NoSession = "Session not found";
    public const string NotConfigured = "Realtime voice is not configured";
    public const string NotNow = "The realtime voice service cannot be reached. Try again in a few seconds.";
    public const string NoOffer = "An offer needs its sdp";
    public const string BadOffer = "The sdp is no offer that can be answered";
    public const string UnknownType = "type must be offer or ice-candidate";
    public const string Answered = "This session was answered already; begin a new one";
    public const string BeingAnswered = "This session is being answered";

    private const int LongestOffer = 200_000;
    private const int LongestShown = 100;

    private static readonly TimeSpan WhenBusy = TimeSpan.FromSeconds(5);

    private static readonly IReadOnlyList<IceServer> IceServers =
    [
        new(["stun:stun.l.google.com:19302", "stun:stun1.l.google.com:19302"]),
        new(["stun:stun2.l.google.com:19302", "stun:stun3.l.google.com:19302"]),
    ];

    public sealed record IceServer(IReadOnlyList<string> Urls);

    /// <param name="Scenario">A built-in one's id, or one of the account's own; so is <paramref name="ScenarioId"/>, which also takes the number of its row.</param>
    public sealed record Request(JsonElement? Scenario, JsonElement? ScenarioId);

    public sealed record Session(string SessionId, IReadOnlyList<IceServer> IceServers, string CreatedAt);

    /// <param name="Type"><c>offer</c> or <c>ice-candidate</c>.</param>
    /// <param name="Candidate">Taken and not used: an offer contains its candidates.</param>
    public sealed record Signal(string? Type, string? Sdp, JsonElement? Candidate, string? SessionId);

    public sealed record SignalAnswer(string Type, string? Sdp, IReadOnlyList<IceServer>? IceServers, string? Error);

    public static async Task<IResult> Begin(
        HttpContext context, Body<Request> body, CurrentAccount caller, ScenarioDesk scenarios, BrowserCalls calls, Offers offers, Idempotency idempotency, CancellationToken stop)
    {
        if ((Named(body.Value.ScenarioId, "scenario_id") ?? Named(body.Value.Scenario, "scenario")) is not { } named)
        {
            return Refusal.BadRequest(NoScenario);
        }

        var found = await scenarios.Find(caller.Id, named, stop);
        if (found.Scenario is not { } scenario)
        {
            return found.IsForeign ? Refusal.NotFound(DialAnswers.NoCustomScenario) : Refusal.BadRequest($"{DialAnswers.InvalidScenario}: {Shown(named)}");
        }

        return await idempotency.Run(context, caller.Id, () => scenario.Id, async ticket =>
        {
            var (made, verdict) = await calls.Reserve(
                caller.Id,
                scenario,
                (transaction, call) => ticket is null ? Task.CompletedTask : idempotency.Keep(transaction, ticket, StatusCodes.Status200OK, Of(call)),
                stop);
            return made is null ? await offers.Refuse(verdict, stop) : TypedResults.Ok(Of(made));
        });
    }

    public static async Task<IResult> Take(Body<Signal> body, CurrentAccount caller, BrowserCalls calls, CancellationToken stop)
    {
        var (type, sdp, _, session) = body.Value;
        var id = session ?? throw Invalid.Missing("body", "session_id");
        if (type is not ("offer" or "ice-candidate"))
        {
            return Refusal.BadRequest(UnknownType);
        }

        // No session has such an id.
        if (!Guid.TryParseExact(id, "D", out _) || type != "offer" && await calls.Find(caller.Id, id, stop) is null)
        {
            return Refusal.NotFound(NoSession);
        }

        return type != "offer" ? TypedResults.Ok(new SignalAnswer(type, null, null, null))
            : string.IsNullOrWhiteSpace(sdp) ? Refusal.BadRequest(NoOffer)
            : sdp.Length > LongestOffer || sdp.Contains('\0', StringComparison.Ordinal) ? Refusal.BadRequest(BadOffer)
            : Told(await calls.Offer(caller.Id, id, sdp, stop));
    }

    private static IResult Told(OfferOutcome outcome) => outcome switch
    {
        OfferOutcome.Answered answered => TypedResults.Ok(new SignalAnswer("answer", answered.Answer, null, null)),
        OfferOutcome.NoSession => Refusal.NotFound(NoSession),
        OfferOutcome.Taken { IsPassing: true } => new Refusal(StatusCodes.Status409Conflict, BeingAnswered) { RetryAfter = WhenBusy, IsPassing = true },
        OfferOutcome.Taken => Refusal.BadRequest(Answered),
        OfferOutcome.Failed { Failure: ModelRefusal { Status: StatusCodes.Status400BadRequest } } => Refusal.BadRequest(BadOffer),
        OfferOutcome.Failed { Failure.Reason: ModelFailure.NotConfigured } => new Refusal(StatusCodes.Status503ServiceUnavailable, NotConfigured),
        _ => new Refusal(StatusCodes.Status503ServiceUnavailable, NotNow) { RetryAfter = WhenBusy, IsPassing = true },
    };

    private static Session Of(BrowserCallRow call) => new(call.Id, IceServers, call.CreatedAt.Iso());

    // A row's number comes as a number or as a text.
    private static string? Named(JsonElement? given, string field) => given switch
    {
        null or { ValueKind: JsonValueKind.Null or JsonValueKind.Undefined } => null,
        { ValueKind: JsonValueKind.String } text => text.GetString() is { Length: > 0 } named ? named : null,
        { ValueKind: JsonValueKind.Number } number => number.GetRawText(),
        _ => throw new Invalid("body", field, "Input should be the id of a scenario", "string_type"),
    };

    private static string Shown(string named) => string.Concat((named.Length > LongestShown ? named[..LongestShown] : named).Where(letter => !char.IsControl(letter) && !char.IsSurrogate(letter)));
}
