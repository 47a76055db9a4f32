namespace Ledgerline.Ai;

/// <summary>A provider refused. The message of this exception is safe to log; <see cref="Said"/> is for the author of the request only.</summary>
/// <param name="code">In the provider's words, where it has one.</param>
/// <param name="param">The part of the request that it objects to.</param>
public sealed class ModelRefusal(string provider, int status, string? code, string? param, string? said)
    : ModelFailure(Upstream, $"{provider} answered {status}{(code is null ? "" : $" ({code})")}.")
{
    /// <summary>The operator's own account at the provider is empty: asking again does not fill it.</summary>
    public const string NoQuota = "insufficient_quota";

    public int Status { get; } = status;
    public string? Code { get; } = code;
    public string? Param { get; } = param;
    public string? Said { get; } = said;

    public override bool MayRepeat => Code != NoQuota && Status is 408 or 429 or >= 500;
}
