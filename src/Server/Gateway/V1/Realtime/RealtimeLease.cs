using Ledgerline.Ai;
using Ledgerline.Kernel;
using Ledgerline.Usage;

namespace Ledgerline.Gateway.V1.Realtime;

/// <summary>
/// The money of one session. What the next answer can cost is held before it is given, what it did is charged once the provider has
/// counted it, and the next is held. Where there is no money for the next, the session ends.
/// </summary>
internal sealed class RealtimeLease(Meter meter, AccountId account, SpendLimit? limit, string model, string session, object metadata, TimeProvider clock, ILogger log) : IDisposable
{
    public const string Action = "realtime";

    // Renewed long before; what a crash leaves goes back by itself.
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Renewal = TimeSpan.FromMinutes(4);

    private static readonly Credits Smallest = new(1);

    private readonly SemaphoreSlim gate = new(1, 1);
    private readonly List<VoiceAuthorization> more = [];
    private readonly List<VoiceUsage> transcribed = [];
    private bool isLateEstimated;
    private VoiceAuthorization? main;
    private VoiceAuthorization? spare;
    private long heldMicro;
    private int part;
    private int mainPart;
    private long since;
    private bool isOver;

    public static VoiceUse Use(AccountId account, string model, string session, int part, Credits? atMost = null) =>
        new(account, Action, model, atMost ?? Smallest, $"{session}:{part}", Lifetime);

    /// <summary>
    /// The first hold; the authorization in it opens the provider. And beside it the least that can be held: an answer that begins when there is
    /// money for none any more is charged by that.
    /// </summary>
    public async Task<VoiceAnswer> Begin(RealtimeTally tally, CancellationToken stop)
    {
        await gate.WaitAsync(stop);
        try
        {
            var first = await HoldNext(tally, stop);
            if (first.Authorization is not null)
            {
                spare = (await Hold(++part, Smallest, stop)).Authorization;
            }

            return first;
        }
        catch
        {
            // Nobody ends what has not begun.
            await GiveBack();
            throw;
        }
        finally
        {
            gate.Release();
        }
    }

    /// <summary>Whether there is money behind what can be used from here on; more is held where there has to be. False: it is over.</summary>
    public async ValueTask<bool> Covers(RealtimeTally tally, CancellationToken stop)
    {
        if (IsEnough(tally))
        {
            return true;
        }

        await gate.WaitAsync(stop);
        try
        {
            return IsEnough(tally) || main is not null && !isOver && (await Add(tally.Wanted, stop) || await Add(tally.AtLeast, stop));
        }
        finally
        {
            gate.Release();
        }
    }

    /// <summary>Charged with the next answer, or with the end.</summary>
    public async Task Transcribed(VoiceUsage usage)
    {
        await gate.WaitAsync();
        try
        {
            transcribed.Add(usage);
        }
        finally
        {
            gate.Release();
        }
    }

    /// <summary>What is used and not charged yet.</summary>
    public async Task<RealtimeStanding> Standing(RealtimeTally tally)
    {
        await gate.WaitAsync();
        try
        {
            var isAnswering = tally.IsAnswering;
            return new RealtimeStanding(main is null ? null : mainPart, isAnswering ? [.. transcribed, tally.Estimated] : [.. transcribed], isAnswering);
        }
        finally
        {
            gate.Release();
        }
    }

    /// <summary>Charges an answer and holds the next. False: there is no money for one.</summary>
    public async Task<bool> Answered(VoiceUsage used, bool isEstimated, string reason, RealtimeTally tally)
    {
        await gate.WaitAsync();
        try
        {
            await Settle([used], isEstimated, reason);
            return !isOver && (await HoldNext(tally, CancellationToken.None)).Authorization is not null;
        }
        finally
        {
            gate.Release();
        }
    }

    /// <summary>From time to time, between answers: nothing is held for long without somebody who lives. False: it is over.</summary>
    public async Task<bool> Renew(RealtimeTally tally)
    {
        if (clock.GetElapsedTime(Interlocked.Read(ref since)) < Renewal || tally.IsAnswering)
        {
            return true;
        }

        await gate.WaitAsync();
        try
        {
            if (isOver)
            {
                return false;
            }

            var before = main;
            await GiveBack();
            var isHeld = (await HoldNext(tally, CancellationToken.None)).Authorization is not null;
            // An answer that has begun meanwhile is charged for all the same.
            main ??= before;
            return isHeld;
        }
        finally
        {
            gate.Release();
        }
    }

    /// <summary>Charges an answer that came to its end after the session had.</summary>
    public async Task Late(VoiceUsage used, bool isEstimated, string reason)
    {
        await gate.WaitAsync();
        try
        {
            isOver = true;
            if (main is null)
            {
                // There may be more of them: what pays for one that nothing was held for pays for all, at the end.
                transcribed.Add(used);
                isLateEstimated |= isEstimated;
            }
            else
            {
                await Settle([used], isEstimated, reason);
            }
        }
        finally
        {
            gate.Release();
        }
    }

    /// <summary>Nothing is held any more. An answer that was cut is charged as far as it came.</summary>
    public async Task End(VoiceUsage? cut, bool isEstimated, string reason)
    {
        await gate.WaitAsync();
        try
        {
            isOver = true;
            if (cut is not null || transcribed.Count > 0)
            {
                await Settle(cut is null ? [] : [cut], isLateEstimated || (cut is not null && isEstimated), reason);
            }
            else
            {
                await GiveBack();
            }

            await GiveBackSpare();
        }
        finally
        {
            gate.Release();
        }
    }

    public void Dispose() => gate.Dispose();

    private bool IsEnough(RealtimeTally tally) => meter.PriceOf(tally.AtLeast).Micro <= Interlocked.Read(ref heldMicro);

    private async Task<VoiceAnswer> HoldNext(RealtimeTally tally, CancellationToken stop)
    {
        Interlocked.Exchange(ref since, clock.GetTimestamp());
        var number = ++part;
        var answer = await Hold(number, meter.PriceOf(tally.Wanted), stop);
        if (answer.Authorization is null)
        {
            // Little money is money too.
            number = ++part;
            answer = await Hold(number, meter.PriceOf(tally.AtLeast), stop);
        }

        (main, mainPart) = (answer.Authorization, number);
        Interlocked.Exchange(ref heldMicro, main?.Use.AtMost.Micro ?? 0);
        return answer;
    }

    private async Task<bool> Add(VoiceUsage needed, CancellationToken stop)
    {
        var missing = meter.PriceOf(needed).Micro - heldMicro;
        if (missing <= 0)
        {
            return true;
        }

        if ((await Hold(++part, new Credits(missing), stop)).Authorization is not { } added)
        {
            return false;
        }

        more.Add(added);
        Interlocked.Add(ref heldMicro, missing);
        return true;
    }

    private Task<VoiceAnswer> Hold(int number, Credits amount, CancellationToken stop) =>
        meter.Authorize(Use(account, model, session, number, amount) with { Limit = limit }, stop);

    private async Task Settle(IReadOnlyList<VoiceUsage> used, bool isEstimated, string reason)
    {
        // An answer that began when nothing was held any more: it is charged for all the same, and what no balance covers is owed.
        var paid = main ?? Interlocked.Exchange(ref spare, null) ?? (await Hold(++part, Smallest, CancellationToken.None)).Authorization;
        if (paid is null)
        {
            log.LogError("The session {Session} used more than there was money for: nobody pays for its last answer", session);
            return;
        }

        // The charge is drawn from what is free, so what was held besides is free first.
        foreach (var besides in more)
        {
            await meter.Release(besides);
        }

        more.Clear();
        main = null;
        List<VoiceUsage> all = [.. transcribed, .. used];
        transcribed.Clear();
        await meter.Settle(paid, new VoiceReceipt(all, reason, metadata) { IsEstimated = isEstimated });
        Interlocked.Exchange(ref heldMicro, 0);
    }

    private async Task GiveBackSpare()
    {
        if (Interlocked.Exchange(ref spare, null) is { } unused)
        {
            await meter.Release(unused);
        }
    }

    private async Task GiveBack()
    {
        foreach (var held in main is null ? more : [main, .. more])
        {
            await meter.Release(held);
        }

        more.Clear();
        main = null;
        Interlocked.Exchange(ref heldMicro, 0);
    }
}
