namespace Ledgerline.Providers.OpenAi.Realtime;

/// <summary>What is to be done about answers: nothing, or one of the others.</summary>
internal enum TurnStep
{
    None,

    /// <summary>Send <c>response.create</c>.</summary>
    Create,

    /// <summary>Send <c>response.cancel</c>; the next one follows its end.</summary>
    Cancel,

    /// <summary>The model does not speak although it was asked again: give it up.</summary>
    GiveUp,
}

/// <summary>
/// Who asks the model to answer, and when: there is one answer at a time, so what is wanted meanwhile comes together into one. An answer
/// that does not come, comes without a sound, or fails, is asked for once more.
/// </summary>
/// <param name="patience">From one sign of life to the next.</param>
internal sealed class RealtimeTurns(TimeSpan patience)
{
    private const int MostFailures = 1;

    private readonly Lock gate = new();
    private string? active;
    private bool isAwaited;
    private bool isNext;
    private bool isWanted;
    private bool callerSpeaks;
    private bool isCancelled;
    private int failures;
    private TimeSpan alive;

    /// <summary>The answer that is being made; null when none is.</summary>
    public string? Active
    {
        get
        {
            lock (gate)
            {
                return active;
            }
        }
    }

    /// <summary>Somebody wants an answer.</summary>
    public TurnStep Want(TimeSpan now)
    {
        lock (gate)
        {
            isWanted = true;
            return Ask(now);
        }
    }

    public void Created(string id, TimeSpan now)
    {
        lock (gate)
        {
            (active, isAwaited, isNext, isCancelled, alive) = (id, false, false, false, now);
        }
    }

    /// <summary>Anything of an answer.</summary>
    public void Lives(TimeSpan now)
    {
        lock (gate)
        {
            alive = now;
        }
    }

    /// <summary>It was heard: whatever failed before is forgiven.</summary>
    public void Sounds(TimeSpan now)
    {
        lock (gate)
        {
            (alive, failures) = (now, 0);
        }
    }

    public TurnStep Done(string id, bool hasFailed, TimeSpan now)
    {
        lock (gate)
        {
            if (active == id || active is null)
            {
                (active, isCancelled) = (null, false);
                if (isNext)
                {
                    (isAwaited, isNext, alive) = (true, false, now);
                }
            }

            if (hasFailed)
            {
                if (failures++ >= MostFailures)
                {
                    return TurnStep.GiveUp;
                }

                isWanted = true;
            }

            return Ask(now);
        }
    }

    public void SpeechStarted()
    {
        lock (gate)
        {
            callerSpeaks = true;
        }
    }

    /// <summary>The provider answers it by itself.</summary>
    public void SpeechStopped(TimeSpan now)
    {
        lock (gate)
        {
            callerSpeaks = false;
            if (active is null)
            {
                (isAwaited, alive) = (true, now);
            }
            else
            {
                isNext = true;
            }
        }
    }

    /// <summary>The provider says that there is an answer already: ours comes after it.</summary>
    public void Rejected(TimeSpan now)
    {
        lock (gate)
        {
            isWanted = true;
            if (active is null)
            {
                (isAwaited, alive) = (true, now);
            }
        }
    }

    /// <summary>The provider does not take what asked for an answer.</summary>
    public TurnStep Refused()
    {
        lock (gate)
        {
            isAwaited = false;
            return failures++ >= MostFailures ? TurnStep.GiveUp : TurnStep.None;
        }
    }

    /// <summary>From time to time.</summary>
    public TurnStep Watch(TimeSpan now)
    {
        lock (gate)
        {
            if (active is null && !isAwaited || now - alive < patience)
            {
                return TurnStep.None;
            }

            alive = now;
            if (failures++ >= MostFailures)
            {
                return TurnStep.GiveUp;
            }

            isWanted = true;
            if (active is not null && !isCancelled)
            {
                isCancelled = true;
                return TurnStep.Cancel;
            }

            (active, isAwaited) = (null, false);
            return Ask(now);
        }
    }

    private TurnStep Ask(TimeSpan now)
    {
        if (!isWanted || active is not null || isAwaited || callerSpeaks)
        {
            return TurnStep.None;
        }

        (isWanted, isAwaited, alive) = (false, true, now);
        return TurnStep.Create;
    }
}
