using System.Globalization;

namespace Ledgerline.Providers.Twilio;

/// <summary>A call as Twilio has it.</summary>
/// <param name="Sid"><c>CA…</c>.</param>
/// <param name="Status">queued, ringing, in-progress, completed, busy, failed, no-answer, canceled.</param>
/// <param name="Duration">Whole seconds, as a text; empty until the call has ended, and for a call that nobody answered.</param>
/// <param name="Price">US dollars as a negative text such as <c>-0.03000</c>; null until Twilio has worked it out.</param>
public sealed record TwilioCall(
    string Sid, string Status, string? To, string? From, string? Direction, string? StartTime, string? EndTime, string? Duration, string? Price, string? PriceUnit,
    string? AnsweredBy, string? DateCreated)
{
    /// <summary>Null where Twilio says nothing.</summary>
    public long? Seconds => long.TryParse(Duration, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ? seconds : null;

    /// <summary>What the connection cost, in millionths of a US dollar; null until it is known.</summary>
    public long? PriceMicroUsd => (PriceUnit is null || string.Equals(PriceUnit, "USD", StringComparison.OrdinalIgnoreCase))
        && decimal.TryParse(Price, NumberStyles.Number, CultureInfo.InvariantCulture, out var price)
            ? (long)decimal.Ceiling(Math.Abs(price) * 1_000_000)
            : null;

    public DateTimeOffset? CreatedAt => DateTimeOffset.TryParse(
        DateCreated, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) ? at : null;
}

/// <summary>A call that is to be placed.</summary>
/// <param name="To">E.164.</param>
/// <param name="Url">Where Twilio asks for TwiML when somebody answers.</param>
/// <param name="TimeLimit">Twilio ends the call after so many seconds, whatever becomes of us.</param>
public sealed record TwilioCallOrder(string To, string From, string Url, string StatusCallback, int TimeLimit)
{
    /// <summary>Where Twilio tells of recordings; null: it records nothing.</summary>
    public string? RecordingCallback { get; init; }

    /// <summary>Where Twilio tells whether a person answered; null: it does not listen for that.</summary>
    public string? MachineCallback { get; init; }

    /// <summary>So long it may ring.</summary>
    public int RingSeconds { get; init; } = 60;
}

/// <summary>Phone calls. Twilio takes no idempotency key: a doubtful dial is looked up, never dialled again.</summary>
public sealed class TwilioCalls(HttpClient http, TwilioOptions options)
{
    private const int OverAlready = 21220;
    private const int NoSuchCall = 20404;

    private static readonly string[] Events = ["initiated", "ringing", "answered", "completed"];

    public bool IsOff => options.IsOff;

    /// <summary>Our own number, E.164; null when there is none.</summary>
    public string? SystemNumber => options.PhoneNumber;

    /// <summary>Returns when Twilio has taken the call.</summary>
    /// <exception cref="TwilioFailure">It was not taken, or nobody knows.</exception>
    public Task<TwilioCall> Create(TwilioCallOrder order, CancellationToken stop)
    {
        List<KeyValuePair<string, string>> form =
        [
            new("To", order.To), new("From", order.From), new("Url", order.Url), new("Method", "POST"),
            new("TimeLimit", Whole(order.TimeLimit)), new("Timeout", Whole(order.RingSeconds)),
            new("StatusCallback", order.StatusCallback), new("StatusCallbackMethod", "POST"),
            .. Events.Select(name => new KeyValuePair<string, string>("StatusCallbackEvent", name)),
        ];
        if (order.RecordingCallback is { } recording)
        {
            form.AddRange([new("Record", "true"), new("RecordingChannels", "dual"), new("RecordingStatusCallback", recording)]);
        }

        if (order.MachineCallback is { } machine)
        {
            form.AddRange([new("MachineDetection", "Enable"), new("AsyncAmd", "true"), new("AsyncAmdStatusCallback", machine)]);
        }

        return http.Post<TwilioCall>(options, Path("Calls.json"), form, stop);
    }

    /// <summary>Null when Twilio has no such call.</summary>
    /// <exception cref="TwilioFailure">It was not answered.</exception>
    public async Task<TwilioCall?> Find(string sid, CancellationToken stop)
    {
        try
        {
            return await http.Get<TwilioCall>(options, Path($"Calls/{sid}.json"), stop);
        }
        catch (TwilioFailure failure) when (failure.Code == NoSuchCall)
        {
            return null;
        }
    }

    /// <summary>The newest calls to a number since then, at most fifty.</summary>
    /// <exception cref="TwilioFailure">It was not answered.</exception>
    public async Task<IReadOnlyList<TwilioCall>> To(string number, DateTimeOffset since, CancellationToken stop) =>
        [.. (await List($"To={Uri.EscapeDataString(number)}&PageSize=50", stop)).Where(call => call.CreatedAt is not { } at || at >= since)];

    /// <summary>Calls that are running now, at most a thousand.</summary>
    /// <exception cref="TwilioFailure">It was not answered.</exception>
    public Task<IReadOnlyList<TwilioCall>> Running(CancellationToken stop) => List("Status=in-progress&PageSize=1000", stop);

    /// <summary>Ends it; one that is over or unknown has ended.</summary>
    /// <exception cref="TwilioFailure">It was not answered.</exception>
    public Task HangUp(string sid, CancellationToken stop) => Change(sid, [new("Status", "completed")], stop);

    /// <summary>Twilio speaks these TwiML verbs to whoever is on the line instead of what it does now.</summary>
    /// <exception cref="TwilioFailure">It was not answered.</exception>
    public Task Redirect(string sid, string twiml, CancellationToken stop) => Change(sid, [new("Twiml", twiml)], stop);

    /// <summary>Ends it so many seconds after it was answered.</summary>
    /// <exception cref="TwilioFailure">It was not answered.</exception>
    public Task Limit(string sid, int seconds, CancellationToken stop) => Change(sid, [new("TimeLimit", Whole(seconds))], stop);

    /// <summary>Records both sides of a call that runs, each in a channel; one that is recorded or over stays as it is.</summary>
    /// <exception cref="TwilioFailure">It was not answered.</exception>
    public async Task Record(string sid, string callback, CancellationToken stop)
    {
        // Twilio takes no idempotency key here either.
        if ((await http.Get<Recorded>(options, Path($"Calls/{sid}/Recordings.json"), stop)).Recordings is { Count: > 0 })
        {
            return;
        }

        try
        {
            await http.Post<RecordingBegun>(
                options, Path($"Calls/{sid}/Recordings.json"), [new("RecordingChannels", "dual"), new("RecordingStatusCallback", callback)], stop);
        }
        catch (TwilioFailure failure) when (failure.Code is OverAlready or NoSuchCall)
        {
            // There is nothing to record any more.
        }
    }

    /// <summary>The recording as a WAV file; null when Twilio has it no more.</summary>
    /// <exception cref="TwilioFailure">It was not answered.</exception>
    public Task<Stream?> Recording(string sid, CancellationToken stop) => http.Open(options, Path($"Recordings/{sid}.wav"), stop);

    private async Task<IReadOnlyList<TwilioCall>> List(string query, CancellationToken stop) =>
        (await http.Get<Page>(options, Path($"Calls.json?{query}"), stop)).Calls ?? throw TwilioFailure.Unreadable("Twilio answered no list of calls.");

    private async Task Change(string sid, IEnumerable<KeyValuePair<string, string>> form, CancellationToken stop)
    {
        try
        {
            await http.Post<TwilioCall>(options, Path($"Calls/{sid}.json"), form, stop);
        }
        catch (TwilioFailure failure) when (failure.Code is OverAlready or NoSuchCall)
        {
            // What is over needs no change.
        }
    }

    private string Path(string rest) => $"2010-04-01/Accounts/{options.AccountSid}/{rest}";

    private static string Whole(int number) => number.ToString(CultureInfo.InvariantCulture);

    private sealed record Page(IReadOnlyList<TwilioCall>? Calls);

    private sealed record RecordingBegun(string Sid);

    private sealed record Recorded(IReadOnlyList<RecordingBegun>? Recordings);
}
