namespace Ledgerline.Plans;

/// <summary>What follows from what happened: to reservations, to plans, to bought calls.</summary>
internal sealed partial class AllowanceRules
{
    /// <summary>It did not happen: the counters return to what they were.</summary>
    /// <param name="state">With the reservation's own period and lot in it.</param>
    /// <param name="ended"><see cref="ReservationState.GivenBack"/> or <see cref="ReservationState.Expired"/>.</param>
    public static (AllowanceState State, Reservation Reservation) GiveBack(AllowanceState state, DateTimeOffset now, Reservation reservation, string ended)
    {
        var rolled = Rolled(state, now);
        return (Uncount(rolled, reservation), reservation with { State = ended, EndedAt = now });
    }

    /// <summary>
    /// A call that runs is judged anew, as if it began now: who has bought more meanwhile may talk longer. Null when it would be no longer.
    /// </summary>
    /// <param name="state">With the reservation's own period and lot in it.</param>
    public (AllowanceState State, Reservation Reservation)? Lengthen(AllowanceState state, DateTimeOffset now, Want want, Reservation reservation)
    {
        var without = Uncount(Rolled(state, now), reservation);
        if (Decide(without, now, want, reservation.Key, TimeSpan.Zero) is not { Reservation: { } judged } decision || judged.DurationLimit <= reservation.DurationLimit)
        {
            return null;
        }

        return (decision.State, judged with { State = reservation.State, ExpiresAt = reservation.ExpiresAt, CreatedAt = reservation.CreatedAt });
    }

    /// <summary>
    /// It happened and is over. What was measured counts instead of what was reserved. A use that was given back in the meantime is
    /// counted again as far as there is still something to count it against.
    /// </summary>
    public (AllowanceState State, Reservation Reservation) Complete(AllowanceState state, DateTimeOffset now, Reservation reservation, long seconds)
    {
        var rolled = Rolled(state, now);
        if (!reservation.IsOpen)
        {
            rolled = Count(rolled, now, reservation);
        }

        var units = reservation.Service == UsedService.VoiceCall && reservation.Funding is Funding.PlanMinutes or Funding.PayAsYouGo or Funding.Credits
            ? Minutes(seconds)
            : reservation.Units;
        if (reservation.Quota is { } quota)
        {
            rolled = rolled.Use(quota, units - reservation.Units);
        }

        if (reservation.Service == UsedService.VoiceCall)
        {
            rolled = rolled with { Calls = rolled.Calls.Lasted(seconds), Trial = Engaged(rolled.Trial, now, reservation, seconds) };
        }

        return (rolled, reservation with { State = ReservationState.Completed, Units = units, Seconds = seconds, EndedAt = now });
    }

    /// <summary>What a store says now. Null when it changes nothing: a plan that gives access does not make way for one that gives none.</summary>
    public AllowanceState? Entitle(AllowanceState before, DateTimeOffset now, EntitlementFacts news, Plan plan)
    {
        var state = Rolled(before, now);
        var held = state.Plans.FirstOrDefault(one => one.Facts.Product == news.Product);
        var isSame = held is not null && (held.Facts.Source, held.Facts.SourceId) == (news.Source, news.SourceId);
        var facts = news with { PastDueSince = news.Status != EntitlementStatus.PastDue ? null : news.PastDueSince ?? (isSame ? held!.Facts.PastDueSince : null) ?? now };
        var (had, has) = (held?.Facts.GivesAccess(now, options.Grace) == true, facts.GivesAccess(now, options.Grace));
        if (held?.Facts == facts || had && !has && !isSame)
        {
            return null;
        }

        // A renewal whose news are late, or whose payment was, goes on where it stopped.
        var goesOn = had || isSame && held!.Facts.AccessUntil(options.Grace) != DateTimeOffset.MinValue && facts.PeriodStart <= held.Facts.PeriodEnd;
        state = state with { Plans = [.. state.Plans.Where(one => one != held), new HeldFacts(facts, plan)] };
        if (!has || news.Product == PlanProduct.ChatPro)
        {
            return state;
        }

        return state with
        {
            Trial = state.Trial with { ClosedAt = state.Trial.ClosedAt ?? now },
            Calls = goesOn || news.Product != PlanProduct.Calls ? state.Calls : state.Calls.Anew(now),
        };
    }

    private static AllowanceState Count(AllowanceState state, DateTimeOffset now, Reservation reservation)
    {
        var counted = reservation.IsCounted ? state with { Calls = state.Calls.Counted(now) } : state;
        if (reservation.Quota is { } quota)
        {
            counted = counted.Use(quota, reservation.Units);
        }

        return reservation.Funding switch
        {
            Funding.Trial => counted with { Trial = counted.Trial with { Used = Math.Min(counted.Trial.Calls, counted.Trial.Used + 1) } },
            Funding.AddOn => WithLot(counted, reservation.AddOnId, lot => Math.Min(lot.Calls, lot.Used + 1)),
            _ => counted,
        };
    }

    private static AllowanceState Uncount(AllowanceState state, Reservation reservation)
    {
        var uncounted = reservation.IsCounted ? state with { Calls = state.Calls.Uncounted(reservation.CreatedAt) } : state;
        if (reservation.Quota is { } quota)
        {
            uncounted = uncounted.Use(quota, -reservation.Units);
        }

        return reservation.Funding switch
        {
            Funding.Trial => uncounted with { Trial = uncounted.Trial with { Used = Math.Max(0, uncounted.Trial.Used - 1) } },
            Funding.AddOn => WithLot(uncounted, reservation.AddOnId, lot => Math.Max(0, lot.Used - 1)),
            _ => uncounted,
        };
    }

    private static AllowanceState WithLot(AllowanceState state, string? id, Func<AddOnLot, int> used) => state with
    {
        AddOns = [.. state.AddOns.Select(lot => lot.Id == id ? lot with { Used = used(lot) } : lot)],
    };

    // Once an account: whoever talks is given a little more to talk.
    private TrialState Engaged(TrialState trial, DateTimeOffset now, Reservation reservation, long seconds)
    {
        if (reservation.Funding != Funding.Trial || seconds <= options.ExtensionMinSeconds)
        {
            return trial;
        }

        var engaged = trial with { LongCalls = trial.LongCalls + 1 };
        return engaged.LongCalls < options.ExtensionMinCalls || engaged.ExtendedAt is not null ? engaged : engaged with
        {
            Calls = engaged.Calls + options.ExtensionCalls,
            EndsAt = engaged.EndsAt + options.ExtensionLength,
            ExtendedAt = now,
        };
    }
}
