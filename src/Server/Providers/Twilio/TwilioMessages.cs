namespace Ledgerline.Providers.Twilio;

/// <summary>A message as Twilio has it.</summary>
/// <param name="Sid"><c>SM…</c>.</param>
/// <param name="Status">At first <c>queued</c> or <c>accepted</c>: whether it arrived a callback tells later.</param>
public sealed record TwilioMessage(string Sid, string Status);

/// <summary>SMS.</summary>
public sealed class TwilioMessages(HttpClient http, TwilioOptions options)
{
    /// <summary>Returns when Twilio has taken the message.</summary>
    /// <param name="to">E.164.</param>
    /// <param name="body">Up to 1,600 characters.</param>
    /// <exception cref="TwilioFailure">It was not taken, or nobody knows.</exception>
    public Task<TwilioMessage> Send(string to, string body, CancellationToken stop)
    {
        Dictionary<string, string> form = new() { ["To"] = to, ["Body"] = body };
        if (options.MessagingServiceSid is { } service)
        {
            form["MessagingServiceSid"] = service;
        }
        else
        {
            form["From"] = options.PhoneNumber ?? throw TwilioFailure.Off();
        }

        return http.Post<TwilioMessage>(options, $"2010-04-01/Accounts/{options.AccountSid}/Messages.json", form, stop);
    }
}
