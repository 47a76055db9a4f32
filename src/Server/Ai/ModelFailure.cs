namespace Ledgerline.Ai;

/// <summary>Why a model gave no answer, in words that are safe to log; never shown to customers as they are.</summary>
public class ModelFailure(string reason, string what, Exception? cause = null) : Exception(what, cause)
{
    public const string TimeOut = "time_out";
    public const string Upstream = "upstream_error";
    public const string NotConfigured = "not_configured";
    public const string NotPaid = "not_paid";

    /// <summary>Nobody's fault but ours.</summary>
    public const string Internal = "internal";

    /// <summary>One of the constants here, as it is recorded.</summary>
    public string Reason { get; } = reason;

    /// <summary>Whether the same may go well a little later, or with another provider.</summary>
    public virtual bool MayRepeat => Reason is not (NotConfigured or NotPaid or Internal);

    /// <summary>When, where the provider says so.</summary>
    public TimeSpan? RetryAfter { get; init; }
}
