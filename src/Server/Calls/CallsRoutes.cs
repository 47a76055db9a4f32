using Ledgerline.Calls.Answering;
using Ledgerline.Calls.Dialling;
using Ledgerline.Calls.Live;
using Ledgerline.Calls.Log;
using Ledgerline.Calls.Scheduling;
using Ledgerline.Http;

namespace Ledgerline.Calls;

/// <summary>Every address of phone calls, but the phone app's and the sockets.</summary>
internal static class CallsRoutes
{
    private const string Time = "2026-11-20T08:12:57Z";
    private const string Sid = "CA7b3f00000000000000000000000000a1";
    private const long SampleId = 7339815469056;

    private static readonly CallUsage SampleUsage = new(19, null, 0, false, 0, 5);
    private static readonly ScheduleCall.Shown SampleSchedule = new(SampleId, "+15550100123", "default", "2026-11-21T14:30:00Z", "scheduled", null, 0, null, null, Time);

    private static readonly CallShown Sample = new(
        SampleId, Sid, "outbound", "default", "+15550100123", "+15550100199", "completed", "plan_calls", 3600, null, 78, Time, Time, "2026-11-20T08:14:15Z", "goodbye", "human", true,
        new CallCost(0, null, 2, null), [new CallLine(1, "agent", "Hello, this is Sam.", 0, null), new CallLine(2, "customer", "Hi Sam.", 2100, null)], null, null);

    public static void MapCalls(this IEndpointRouteBuilder app)
    {
        var services = app.ServiceProvider;
        if (services.GetRequiredService<CallOptions>().Warning is { } warning && services.GetRequiredService<IHostEnvironment>().IsProduction()
            && !services.GetRequiredService<Carrier>().IsOff)
        {
            services.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(CallsRoutes)).LogWarning("{Warning}", warning);
        }

        MapPlacing(app.MapGroup("").WithTags("Calls").RequireAuthorization().WithMetadata(FlatValidation.Form));
        MapLooking(app.MapGroup("/api").WithTags("Calls").RequireAuthorization().WithMetadata(FlatValidation.Form, RateLimit.Everything));
        MapCarrier(app.MapGroup("").WithTags("Carrier").AllowAnonymous().WithMetadata(RateLimit.Webhook, new SignedBy("twilio")));
    }

    private static void MapPlacing(RouteGroupBuilder routes)
    {
        routes.MapGet("/make-call/{phoneNumber}/{scenario}", StartCall.Handle)
            .WithMetadata(RateLimit.Calls)
            .WithName("MakeCall")
            .WithSummary("Call a number")
            .WithDescription("Placed, paid and counted before this answers. The same account, number and scenario within ten seconds are the same call; so is the same Idempotency-Key, for ever.")
            .Parameter("path", "phoneNumber", "With `+`, or as it is dialled in North America.", "+15550100123")
            .Parameter("path", "scenario", "A built-in scenario or one of one's own.", "default")
            .Parameter("header", Idempotency.Header, "The same key places one call and answers the same.", "7d0c1a52")
            .Produces<StartCall.Answer>()
            .Example(new StartCall.Answer("success", Sid, "Call initiated", "+15550100199", "+15550100123", "default", SampleUsage))
            .Refuses(400, "no such number is dialled", DialledNumber.Invalid)
            .Refuses(400, "there is no such scenario", DialAnswers.InvalidScenario)
            .Refuses(400, "there is nothing to call from", DialAnswers.NoNumber);
        routes.MapGet("/make-custom-call/{phoneNumber}/{scenarioId}", StartCall.HandleCustom)
            .WithMetadata(RateLimit.Calls)
            .WithName("MakeCustomCall")
            .WithSummary("Call a number with a scenario of one's own")
            .WithDescription("As `/make-call`.")
            .Parameter("path", "phoneNumber", "With `+`, or as it is dialled in North America.", "+15550100123")
            .Parameter("path", "scenarioId", "The scenario's id, or the number of its row.", "custom_4503599627370497_1795248777")
            .Parameter("header", Idempotency.Header, "The same key places one call and answers the same.", "7d0c1a52")
            .Produces<StartCall.CustomAnswer>()
            .Example(new StartCall.CustomAnswer(
                "success", Sid, "Custom call initiated successfully with scenario: Pat, who runs a bakery", "custom_1_1", "+15550100199", "+15550100123", "custom_1_1", SampleUsage))
            .Refuses(404, "the account has no such scenario", DialAnswers.NoCustomScenario);
        routes.MapPost("/schedule-call", ScheduleCall.Add)
            .WithMetadata(RateLimit.Scheduling)
            .WithName("ScheduleCall")
            .WithSummary("Call a number at a time")
            .WithDescription("Whether the account may call is asked now, and again when the call is due: then it is counted and dialled, once.")
            .ExampleRequest(new ScheduleCall.Request("+15550100123", "2026-11-21T14:30:00Z", "default", null))
            .Parameter("header", Idempotency.Header, "The same key schedules one call and answers the same.", "7d0c1a52")
            .Produces<ScheduleCall.Answer>()
            .Example(new ScheduleCall.Answer("+15550100123", "2026-11-21T14:30:00Z", "default", SampleId, Time))
            .Refuses(400, "there is no such scenario", DialAnswers.InvalidScenario);
        routes.MapGet("/call-history", ShowCalls.List)
            .WithMetadata(RateLimit.Everything)
            .WithName("CallHistory")
            .WithSummary("The account's calls")
            .WithDescription("The newest first.")
            .Parameter("query", "limit", "1 to 1000.", 20)
            .Parameter("query", "offset", "So many of the newest are left out.", 0)
            .Produces<ShowCalls.History>()
            .Example(new ShowCalls.History([new CallListed(SampleId, Sid, "+15550100123", "default", "completed", 78, Time, true)], 1, false));
    }

    private static void MapLooking(RouteGroupBuilder routes)
    {
        routes.MapGet("/calls/{id}", ShowCalls.Show)
            .WithName("ShowCall").WithSummary("A call")
            .WithDescription("Its state, transcript, cost and recording; while it runs with the seconds that are left. Operators see what it costs the house, too.")
            .Call().Produces<CallShown>().Example(Sample).NoCall();
        routes.MapGet("/calls/{id}/events", ShowCalls.Events)
            .WithName("CallEvents").WithSummary("A call as it happens")
            .WithDescription(
                """
                Server-sent events: `call_status`, `call_transcript` with each line (a line that comes again replaces the one before), `call_cost`,
                `call_progress` with the seconds left, `call_settled`. After a lost connection send the last `id` as `Last-Event-ID`.
                """)
            .Call()
            .Parameter("header", "Last-Event-ID", "The `id` of the last event that was received: what came after it is sent first.", "41")
            .Produces<string>(StatusCodes.Status200OK, "text/event-stream")
            .Example("id: 41\ndata: {\"type\":\"connected\",\"message\":\"Real-time updates active\"}\n\n").NoCall();
        routes.MapPost("/calls/{id}/steer", SteerCall.Steer)
            .WithName("SteerCall").WithSummary("Tell the agent something")
            .WithDescription("A note that only the agent is told, within a second, on whichever server the call is.")
            .Call().ExampleRequest(new SteerCall.Request("Offer them a callback tomorrow.")).Produces<SteerCall.Answer>().Example(new SteerCall.Answer("success", SampleId))
            .Refuses(409, "nobody talks there now", SteerCall.NotRunning).NoCall();
        routes.MapPost("/calls/{id}/hang-up", SteerCall.HangUp)
            .WithName("HangUpCall").WithSummary("End a call")
            .WithDescription("A call that is over has been ended.")
            .Call().Produces<SteerCall.Answer>().Example(new SteerCall.Answer("success", SampleId)).NoCall();
        routes.MapGet("/calls/{id}/recording", ShowCalls.Recording)
            .WithName("CallRecording").WithSummary("A call's recording")
            .WithDescription("WAV, both sides in a channel each.")
            .Call().Produces<string>(StatusCodes.Status200OK, "audio/wav").Example("RIFF…").Refuses(404, "it was not recorded", ShowCalls.NoRecording).NoCall();
        routes.MapGet("/scheduled-calls", ScheduleCall.List)
            .WithName("ScheduledCalls").WithSummary("The account's scheduled calls")
            .WithDescription("The latest first.")
            .Parameter("query", "status", "Only these: `scheduled`, `dialing`, `completed`, `failed`, `skipped`, `missed`, `cancelled`.", "scheduled")
            .Parameter("query", "limit", "1 to 1000.", 100)
            .Produces<ScheduleCall.All>().Example(new ScheduleCall.All([SampleSchedule]));
        routes.MapGet("/scheduled-calls/{id}", ScheduleCall.Show)
            .WithName("ShowScheduledCall").WithSummary("A scheduled call").WithDescription("With what became of it.")
            .Schedule().Produces<ScheduleCall.Shown>().Example(SampleSchedule);
        routes.MapDelete("/scheduled-calls/{id}", ScheduleCall.Cancel)
            .WithName("CancelScheduledCall").WithSummary("Cancel a scheduled call").WithDescription("Until it is due.")
            .Schedule().Produces<ScheduleCall.Shown>().Example(SampleSchedule with { Status = "cancelled" });
        MapDoNotCall(routes);
    }

    private static void MapDoNotCall(RouteGroupBuilder routes)
    {
        var sample = new DoNotCallRoutes.Shown("+15550100123", "asked for it", Time);
        routes.MapGet("/do-not-call", DoNotCallRoutes.List)
            .WithName("DoNotCall").WithSummary("Whom the account does not call").WithDescription("In the order of the numbers.")
            .Parameter("query", "limit", "1 to 1000.", 100).Parameter("query", "after", "Only numbers after this one.", "+15550100000")
            .Produces<DoNotCallRoutes.All>().Example(new DoNotCallRoutes.All([sample]));
        routes.MapPost("/do-not-call", DoNotCallRoutes.Add)
            .WithName("AddDoNotCall").WithSummary("Do not call a number any more")
            .WithDescription("The agent does the same when a person asks for it on the phone.")
            .ExampleRequest(new DoNotCallRoutes.Request("+15550100123", "asked for it")).Produces<DoNotCallRoutes.Shown>().Example(sample)
            .Refuses(400, "it is no number", DialledNumber.Invalid);
        routes.MapDelete("/do-not-call/{phoneNumber}", DoNotCallRoutes.Remove)
            .WithName("RemoveDoNotCall").WithSummary("A number may be called again").WithDescription("One that is not in the list is 404.")
            .Parameter("path", "phoneNumber", "As the list has it.", "+15550100123")
            .Produces<DoNotCallRoutes.Removed>().Example(new DoNotCallRoutes.Removed("success"))
            .Refuses(404, "it is not in the list", "This number is not in the list");
    }

    private static void MapCarrier(RouteGroupBuilder routes)
    {
        string[] asked = ["GET", "POST"];
        Twiml(routes.MapMethods("/outgoing-call/{scenario}", asked, (HttpContext context, string scenario, AnswerCall answer, CancellationToken stop) => answer.WithScenario(context, scenario, stop)), "OutgoingCall");
        Twiml(routes.MapMethods("/incoming-call", asked, (HttpContext context, AnswerCall answer, CancellationToken stop) => answer.WithGreeting(context, stop)), "IncomingCall");
        Twiml(routes.MapMethods("/incoming-call/{scenario}", asked, (HttpContext context, string scenario, AnswerCall answer, CancellationToken stop) => answer.WithScenario(context, scenario, stop)), "IncomingCallScenario");
        Twiml(routes.MapMethods("/incoming-call-webhook/{scenario}", asked, (HttpContext context, string scenario, AnswerCall answer, CancellationToken stop) => answer.WithScenario(context, scenario, stop)), "IncomingCallWebhook");
        Twiml(routes.MapMethods("/incoming-custom-call/{scenario}", asked, (HttpContext context, string scenario, AnswerCall answer, CancellationToken stop) => answer.WithCustom(context, scenario, stop)), "IncomingCustomCall");
        Twiml(routes.MapMethods("/google-calendar/incoming-calendar-call", asked, (HttpContext context, AnswerCall answer, CancellationToken stop) => answer.WithCalendar(context, stop)), "IncomingCalendarCall");
        Twiml(routes.MapMethods("/handle-user-input", asked, (HttpContext context, HearCarrier hear, CancellationToken stop) => hear.Input(context, stop)), "HandleUserInput");
        Told(routes.MapPost("/call-end-webhook", (HttpContext context, HearCarrier hear, CancellationToken stop) => hear.End(context, stop)), "CallEndWebhook");
        Told(routes.MapPost("/twilio-callback", (HttpContext context, HearCarrier hear, CancellationToken stop) => hear.Callback(context, stop)), "TwilioCallback");
        Told(routes.MapPost("/call-status", (HttpContext context, HearCarrier hear, CancellationToken stop) => hear.Status(context, stop)), "CallStatusCallback");
        Told(routes.MapPost("/phone-status-callback", (HttpContext context, HearCarrier hear, CancellationToken stop) => hear.Status(context, stop)), "PhoneStatusCallback");
        Told(routes.MapPost("/machine-callback", (HttpContext context, HearCarrier hear, CancellationToken stop) => hear.Machine(context, stop)), "MachineCallback");
        Told(routes.MapPost("/recording-callback", (HttpContext context, HearCarrier hear, CancellationToken stop) => hear.Recording(context, stop)), "RecordingCallback");
    }

    private static void Twiml(RouteHandlerBuilder route, string name) => route
        .WithName(name).WithSummary("What the carrier is to do with a call")
        .WithDescription("Called by Twilio, signed. Answers TwiML.")
        .Produces<string>(StatusCodes.Status200OK, "application/xml")
        .Example(Answering.Twiml.Stream([], "wss://api.example.org/media-stream/default", [new("token", "q7Xk…")]))
        .Refuses(401, "the signature is not the carrier's", "Invalid signature");

    private static void Told(RouteHandlerBuilder route, string name) => route
        .WithName(name).WithSummary("What the carrier tells of a call")
        .WithDescription("Called by Twilio, signed. Repetitions change nothing, and a call never goes backwards.")
        .Produces<object>()
        .Example(new { status = "success" })
        .Refuses(401, "the signature is not the carrier's", "Invalid signature");

    private static RouteHandlerBuilder Call(this RouteHandlerBuilder route) => route.Parameter("path", "id", "The call's id, or the carrier's.", Sid);

    private static RouteHandlerBuilder NoCall(this RouteHandlerBuilder route) => route.Refuses(404, "the account has no such call", ShowCalls.NoCall);

    private static RouteHandlerBuilder Schedule(this RouteHandlerBuilder route) =>
        route.Parameter("path", "id", "As the list has it.", SampleId).Refuses(404, "the account has no such schedule", ScheduleCall.NoSchedule);
}
