using Ledgerline.Calls.Bridge;
using Ledgerline.Calls.Dialling;
using Ledgerline.Calls.Status;
using Ledgerline.Http;
using Ledgerline.Jobs;
using Ledgerline.Kernel;
using Ledgerline.Numbers;
using Ledgerline.Persistence;
using Ledgerline.Plans;
using Ledgerline.Scenarios;
using Ledgerline.Usage;

namespace Ledgerline.Calls.Answering;

/// <summary>News: somebody rang us and is being connected; the carrier has to be told when to end it.</summary>
public sealed record InboundAnswered(AccountId Account, long CallId);

/// <summary>
/// Tells the carrier what to do with a call that was answered, or that rings one of our numbers: connect it with a socket of ours, or
/// say why not and hang up. Nothing is connected that nobody pays for.
/// </summary>
internal sealed class AnswerCall(
    CarrierDoor door, Database database, CallDesk desk, StreamTokens tokens, ScenarioDesk scenarios, NumberDesk numbers, Meter meter, Offers offers, LiveCalls running, Outbox outbox, Ids ids,
    CallOptions options, TimeProvider clock, PublicUrl? address = null)
{
    private const int LongestNumber = 40;
    private const string InvalidScenario = "Invalid scenario";
    private const string NoOwner = "This number is not in service. Goodbye.";
    private const string AllBusy = "All lines are busy. Please call again later.";
    private const string NotNow = "This call cannot be connected now. Goodbye.";
    private const string NoScenario = "We're sorry, the requested scenario could not be found. Using default conversation mode.";

    private static readonly string?[] Greeting =
        ["Please wait while we connect your call to the A. I. voice assistant.", null, "O.K. you can start talking!"];

    private static readonly string?[] CalendarGreeting = ["Connecting you to your calendar assistant. One moment please.", null];

    /// <summary><c>/outgoing-call/{scenario}</c>, <c>/incoming-call/{scenario}</c>, <c>/incoming-call-webhook/{scenario}</c></summary>
    public Task<IResult> WithScenario(HttpContext context, string scenario, CancellationToken stop) => door.Open(
        context,
        async form => await scenarios.Read(scenario, stop) is { } played
            ? await Connect(form, played, [], $"/media-stream/{Uri.EscapeDataString(played.Id)}", stop)
            : Refusal.BadRequest(InvalidScenario),
        stop);

    /// <summary><c>/incoming-call</c></summary>
    public Task<IResult> WithGreeting(HttpContext context, CancellationToken stop) =>
        door.Open(context, form => Connect(form, Default, Greeting, "/media-stream", stop), stop);

    /// <summary><c>/incoming-custom-call/{scenario_id}</c></summary>
    public Task<IResult> WithCustom(HttpContext context, string scenario, CancellationToken stop) => door.Open(
        context,
        async form => await scenarios.Read(scenario, stop) is { Owner: not null } played
            ? await Connect(form, played, [], $"/media-stream-custom/{Uri.EscapeDataString(played.Id)}", stop)
            : await Connect(form, Default, [NoScenario], "/media-stream", stop),
        stop);

    /// <summary><c>/google-calendar/incoming-calendar-call</c></summary>
    public Task<IResult> WithCalendar(HttpContext context, CancellationToken stop) =>
        door.Open(context, form => Connect(form, Default, CalendarGreeting, "/calendar-media-stream", stop), stop);

    private Scenario Default => scenarios.BuiltIn("default") ?? throw new InvalidOperationException("The scenario default is switched off.");

    private async Task<IResult> Connect(SignedForm form, Scenario scenario, IReadOnlyList<string?> opening, string path, CancellationToken stop)
    {
        if (CarrierForm.Read(form.Fields, form.CallId, clock.GetUtcNow()) is not { } told)
        {
            return Refusal.BadRequest("CallSid is missing");
        }

        // That it asks for a call of ours means that somebody answered, whatever callbacks say so later. Who rings us is answered by the agent.
        var call = await desk.Hear(form.CallId is null ? told : told with { News = told.News with { Status = CallStatus.InProgress } }, stop);
        if (call is null && form.CallId is not null)
        {
            return Twiml.Answer(Twiml.HangUp());
        }

        var (own, refusal) = call is not null ? (call, null) : await Admit(form, told.CallSid, scenario, stop);
        if (own is null)
        {
            return Twiml.Answer(Twiml.Sentence(refusal ?? NotNow));
        }

        if (own.IsOver || await PlayedBy(own, scenario, stop) is not { } played)
        {
            return Twiml.Answer(own.IsOver ? Twiml.HangUp() : Twiml.Sentence(NotNow));
        }

        var token = await database.Write(transaction => tokens.Issue(transaction, own.AccountId, own.Id, told.CallSid, path, stop), stop);
        return Twiml.Answer(Twiml.Stream(
            opening,
            WebSocketUrl.Of(address!, path),
            [new("token", token), new("direction", own.Direction), new("user_name", own.UserName ?? ""), new("scenario", played.Id)],
            options.IsRecorded(own) ? options.Notice : null));
    }

    // Of a call that we placed the row says what is played, not the address.
    private async Task<Scenario?> PlayedBy(CallRow call, Scenario asked, CancellationToken stop) =>
        call.Direction == CallDirection.Inbound || call.Scenario == asked.Id ? asked : await scenarios.Read(call.Scenario, stop);

    // Somebody rings: it belongs to whoever has the number, never to a guess.
    private async Task<(CallRow? Call, string? Refusal)> Admit(SignedForm form, string sid, Scenario scenario, CancellationToken stop)
    {
        if (form["To"] is not { } to || (scenario.Owner ?? await numbers.OwnerOf(NumberRules.Normalise(to) ?? to, stop)) is not { } account)
        {
            return (null, NoOwner);
        }

        if (running.IsBehind)
        {
            return (null, AllBusy);
        }

        var now = clock.GetUtcNow();
        var call = CallRules.After(
            new CallRow
            {
                AccountId = account,
                Id = ids.Number(),
                Direction = CallDirection.Inbound,
                Kind = CallKind.Inbound,
                Scenario = scenario.Id,
                PhoneNumber = Short(form["From"]),
                OwnNumber = Short(to),
                Dialling = Dialled.Placed,
                CallSid = sid,
                CreatedAt = now,
                LineUntil = now,
            },
            new CallNews(CallStatus.Ringing, now));
        try
        {
            var use = new AllowanceUse(account, Want.InboundCall(), call.UseKey, CallOptions.ReservationLifetime) { Guard = new InboundGuard(call, options, outbox, clock) };
            var answer = await meter.Authorize(use, stop);
            if (answer.Authorization is null)
            {
                return (null, await offers.Sentence(answer.Verdict, stop));
            }
        }
        catch (DialGuard.NoFreeLine)
        {
            return (null, AllBusy);
        }
        catch (DialGuard.Repeated repeated)
        {
            return (repeated.Call, null);
        }

        await meter.Confirm(account, call.UseKey);
        return (await database.Read(session => CallBook.Find(session, account, call.Id, stop), stop), null);
    }

    private static string Short(string? number) => number is null ? "anonymous"
        : number.Length <= LongestNumber ? number
        : number[..(char.IsHighSurrogate(number[LongestNumber - 1]) ? LongestNumber - 1 : LongestNumber)];
}
