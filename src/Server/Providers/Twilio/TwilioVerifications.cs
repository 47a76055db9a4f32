namespace Ledgerline.Providers.Twilio;

/// <summary>A verification as Twilio has it.</summary>
/// <param name="Sid"><c>VE…</c>.</param>
/// <param name="Status">At first <c>pending</c>.</param>
public sealed record TwilioVerification(string Sid, string Status);

/// <summary>Codes through Verify. The codes are ours, and so is the checking: Verify only carries them.</summary>
public sealed class TwilioVerifications(HttpClient http, TwilioOptions options)
{
    /// <summary>Returns when Twilio has taken the code.</summary>
    /// <param name="to">E.164.</param>
    /// <param name="code">4 to 10 characters.</param>
    /// <exception cref="TwilioFailure">It was not taken, or nobody knows.</exception>
    public Task<TwilioVerification> Start(string to, string code, CancellationToken stop) => http.Post<TwilioVerification>(
        options,
        $"v2/Services/{options.VerifyServiceSid}/Verifications",
        new Dictionary<string, string> { ["To"] = to, ["Channel"] = "sms", ["CustomCode"] = code },
        stop);
}
