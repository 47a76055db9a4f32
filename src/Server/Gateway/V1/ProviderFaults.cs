using System.Globalization;
using Ledgerline.Ai;

namespace Ledgerline.Gateway.V1;

/// <summary>
/// A provider's failure as our callers shall see it. What the request's author can mend is told in the provider's words; what only the
/// operator can mend is not, and is not asked again.
/// </summary>
/// <param name="service">What has failed, as callers know it.</param>
/// <param name="failed">What it could not do.</param>
internal sealed class ProviderFaults(string service, string failed)
{
    public static readonly ProviderFaults Speech = new("speech service", "could not transcribe this recording");
    public static readonly ProviderFaults Chat = new("model", "could not answer this request");

    public static readonly ProviderFaults Voice = new("model", "could not begin this conversation");

    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(20);

    public V1Refusal Of(ModelFailure failure) => failure switch
    {
        ModelRefusal { Status: 400 or 413 or 415 or 422 } mistake => new V1Refusal(
            mistake.Status == StatusCodes.Status422UnprocessableEntity ? StatusCodes.Status400BadRequest : mistake.Status,
            mistake.Said ?? $"The {service} does not take this request.", mistake.Param, mistake.Code),
        ModelRefusal { Status: 401 or 403 or 404 } or ModelRefusal { Code: ModelRefusal.NoQuota } or { Reason: ModelFailure.NotConfigured } =>
            new V1Refusal(StatusCodes.Status503ServiceUnavailable, $"The {service} is not available.", code: "provider_unavailable")
            {
                Headers = { [V1Refusal.ShouldRetryHeader] = "false" },
            },
        ModelRefusal { Status: 429 } busy =>
            new V1Refusal(StatusCodes.Status503ServiceUnavailable, $"The {service} is busy.", code: "provider_busy") { Headers = Wait(busy.RetryAfter) },
        { Reason: ModelFailure.TimeOut } =>
            new V1Refusal(StatusCodes.Status504GatewayTimeout, $"The {service} did not answer in time.", code: "provider_timeout"),
        _ => new V1Refusal(StatusCodes.Status502BadGateway, $"The {service} {failed}.", code: "provider_error"),
    };

    /// <summary>The event that ends a stream which broke after it had begun.</summary>
    public string Broken =>
        $"data: {OpenAiErrors.Body(StatusCodes.Status502BadGateway, $"The stream of the {service} broke off.", null, "provider_error").ToJsonString()}\n\n";

    private static Dictionary<string, string> Wait(TimeSpan? wait) => wait is { } time && time > TimeSpan.Zero && time <= LongestWait
        ? new() { ["Retry-After"] = ((int)Math.Ceiling(time.TotalSeconds)).ToString(CultureInfo.InvariantCulture) }
        : [];
}
