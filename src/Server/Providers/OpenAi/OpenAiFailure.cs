using Ledgerline.Ai;

namespace Ledgerline.Providers.OpenAi;

/// <summary>OpenAI refused. The message of this exception is safe to log; <see cref="Said"/> is for the author of the request only.</summary>
internal sealed class OpenAiFailure(int status, string? code, string? param, string? said, TimeSpan? retryAfter)
    : ModelFailure(Upstream, $"OpenAI answered {status}{(code is null ? "" : $" ({code})")}.")
{
    public int Status { get; } = status;
    public string? Code { get; } = code;
    public string? Param { get; } = param;
    public string? Said { get; } = said;
    public TimeSpan? RetryAfter { get; } = retryAfter;
}
