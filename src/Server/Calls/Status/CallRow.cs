using Ledgerline.Kernel;

namespace Ledgerline.Calls.Status;

/// <summary>A phone call as it is stored.</summary>
internal sealed record CallRow
{
    public const string Columns =
        """
        account_id, id, direction, kind, scenario, phone_number, own_number, user_name, status, dialling, ticket, lease_until, review_at, call_sid, request_key, funding,
        duration_limit, created_at, answered_at, ended_at, settled_at, duration, answered_by, end_reason, line_until, charged_micro, charged_unit,
        carrier_micro_usd, is_carrier_price_final, model_nano_usd, recording_sid, recording_seconds, media, model_usage, is_sid_guessed
        """;

    public AccountId AccountId { get; init; }
    public long Id { get; init; }

    /// <summary>One of <see cref="CallDirection"/>.</summary>
    public string Direction { get; init; } = CallDirection.Outbound;

    /// <summary>One of <see cref="CallKind"/>.</summary>
    public string Kind { get; init; } = CallKind.Business;

    /// <summary>A built-in's id or a custom scenario's.</summary>
    public string Scenario { get; init; } = "";

    /// <summary>Of the person at the other end, E.164 where it is a number.</summary>
    public string PhoneNumber { get; init; } = "";

    public string OwnNumber { get; init; } = "";
    public string? UserName { get; init; }

    /// <summary>One of <see cref="CallStatus"/>.</summary>
    public string Status { get; init; } = CallStatus.Initiated;

    /// <summary>One of <see cref="Dialled"/>.</summary>
    public string Dialling { get; init; } = Dialled.Waiting;

    /// <summary>Who is at it now; null when nobody is.</summary>
    public string? Ticket { get; init; }

    public DateTimeOffset? LeaseUntil { get; init; }

    /// <summary>When somebody has to look after it unless something happens before; null: never again.</summary>
    public DateTimeOffset? ReviewAt { get; init; }

    /// <summary>The carrier's id; null until it is known.</summary>
    public string? CallSid { get; init; }

    /// <summary>It was found by a look at the carrier's list; neither its answer nor its news have named this call yet.</summary>
    public bool IsSidGuessed { get; init; }

    /// <summary>Of who asked for it: the same key is the same call.</summary>
    public string? RequestKey { get; init; }

    public string Funding { get; init; } = "";

    /// <summary>It must end so many seconds after it was answered.</summary>
    public int DurationLimit { get; init; }

    public DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset? AnsweredAt { get; init; }
    public DateTimeOffset? EndedAt { get; init; }
    public DateTimeOffset? SettledAt { get; init; }

    /// <summary>Seconds, as the carrier counts them.</summary>
    public long? Duration { get; init; }

    public string? AnsweredBy { get; init; }
    public string? EndReason { get; init; }
    public DateTimeOffset LineUntil { get; init; }
    public long ChargedMicro { get; init; }
    public string? ChargedUnit { get; init; }
    public long CarrierMicroUsd { get; init; }
    public bool IsCarrierPriceFinal { get; init; }
    public long ModelNanoUsd { get; init; }
    public string? RecordingSid { get; init; }
    public long? RecordingSeconds { get; init; }

    /// <summary>What the bridge saw, as JSON.</summary>
    public string? Media { get; init; }

    /// <summary>By model, as JSON.</summary>
    public string? ModelUsage { get; init; }

    public bool IsOver => CallStatus.IsOver(Status);

    /// <summary>Somebody talked: it counts and it costs. What nobody answered costs nothing.</summary>
    public bool WasAnswered => Status is CallStatus.Completed or CallStatus.InProgress || AnsweredAt is not null;

    /// <summary>Under this name its allowance is reserved.</summary>
    public string UseKey => KeyOf(Id);

    public static string KeyOf(long id) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"call:{id}");
}

/// <summary>Who rang whom.</summary>
internal static class CallDirection
{
    public const string Outbound = "outbound";
    public const string Inbound = "inbound";
}

/// <summary>What placed a call.</summary>
internal static class CallKind
{
    public const string Mobile = "mobile";
    public const string Business = "business";
    public const string Inbound = "inbound";
}
