using Sandbox.Core;

namespace Sandbox.Twilio;

/// <summary>
/// One-time codes of Verify: six digits, ten minutes on the sandbox's clock, five sends, five checks. While one is open, asking
/// again sends the same code; approved, canceled and expired ones are no longer found.
/// </summary>
internal sealed class Verifications(SandboxClock clock, SandboxOptions options, TwilioWorld world, MessageBox box)
{
    private static readonly string[] Channels = ["sms", "call", "email", "whatsapp", "auto"];

    private readonly Lock _gate = new();
    private readonly List<Verification> _all = [];

    public async Task<IResult> Start(HttpContext context, string service)
    {
        var form = await TwilioForm.Read(context, "To", "Channel", "Locale", "CustomFriendlyName", "RateLimits", "DeviceIp");
        DemandService(context, service);
        var to = form["To"] ?? throw Wrong("Missing required parameter To");
        var asked = form["Channel"] ?? throw Wrong("Missing required parameter Channel");
        var channel = asked == "auto" ? "sms" : asked;
        if (!Channels.Contains(asked))
        {
            throw Wrong($"Invalid parameter `Channel`: {asked}. The sandbox plays {string.Join(", ", Channels)}.");
        }

        if (channel == "email" ? !to.Contains('@', StringComparison.Ordinal) : !TwilioNumbers.IsE164(to) || to == "+15005550001")
        {
            throw Wrong($"Invalid parameter `To`: {to}");
        }

        if (to == "+15005550009" && channel == "sms")
        {
            throw new TwilioError(400, 60205, "SMS is not supported by landline phone number");
        }

        world.DemandWilling(to);
        lock (_gate)
        {
            var now = clock.GetUtcNow();
            var one = Open(service, to, now);
            if (one?.Checks >= Verification.MostChecks)
            {
                throw TooManyChecks();
            }

            if (one?.Sends >= Verification.MostSends)
            {
                throw new TwilioError(429, 60203, "Max send attempts reached");
            }

            if (one is null)
            {
                _all.Add(one = new Verification(options.TwilioAccountSid, service, to, channel, now));
            }

            one.Sent(channel, now);
            box.Add(new Message(
                channel == "email" ? "mail" : channel, to, options.TwilioPhoneNumber, channel == "email" ? "Your verification code" : null,
                $"Your {form["CustomFriendlyName"] ?? "Sandbox"} verification code is: {one.Code}", null, now));
            return Json.Answer(one.Shape(context.Origin()), 201);
        }
    }

    public async Task<IResult> Check(HttpContext context, string service)
    {
        var form = await TwilioForm.Read(context, "To", "VerificationSid", "Code");
        DemandService(context, service);
        var code = form["Code"] ?? throw Wrong("Missing required parameter Code");
        var (to, sid) = (form["To"], form["VerificationSid"]);
        if (to is null == sid is null)
        {
            throw Wrong("Give either To or VerificationSid.");
        }

        lock (_gate)
        {
            var now = clock.GetUtcNow();
            var one = (to is not null ? Open(service, to, now) : Open(sid!, now, service)) ?? throw TwilioError.NotFound(TwilioRoutes.Below(context));
            if (one.Checks >= Verification.MostChecks)
            {
                throw TooManyChecks();
            }

            one.Check(code, now);
            return Json.Answer(one.CheckShape());
        }
    }

    public IResult Get(HttpContext context, string service, string sid)
    {
        DemandService(context, service);
        lock (_gate)
        {
            var one = Open(sid, clock.GetUtcNow(), service) ?? throw TwilioError.NotFound(TwilioRoutes.Below(context));
            return Json.Answer(one.Shape(context.Origin()));
        }
    }

    /// <summary>Cancels or approves an open one by hand.</summary>
    public async Task<IResult> Update(HttpContext context, string service, string sid)
    {
        var form = await TwilioForm.Read(context, "Status");
        DemandService(context, service);
        if (form["Status"] is not ("canceled" or "approved"))
        {
            throw Wrong("Invalid parameter `Status`: it is canceled or approved.");
        }

        lock (_gate)
        {
            var now = clock.GetUtcNow();
            var one = Open(sid, now, service) ?? throw TwilioError.NotFound(TwilioRoutes.Below(context));
            one.Become(form["Status"]!, now);
            return Json.Answer(one.Shape(context.Origin()));
        }
    }

    public void Clear()
    {
        lock (_gate)
        {
            _all.Clear();
        }
    }

    private Verification? Open(string service, string to, DateTimeOffset now) => _all.FindLast(one => one.ServiceSid == service && one.To == to && one.IsOpen(now));

    private Verification? Open(string sid, DateTimeOffset now, string service) => _all.Find(one => one.Sid == sid && one.ServiceSid == service && one.IsOpen(now));

    private void DemandService(HttpContext context, string service)
    {
        if (service != options.TwilioVerifyServiceSid)
        {
            throw TwilioError.NotFound(TwilioRoutes.Below(context));
        }
    }

    private static TwilioError Wrong(string message) => new(400, 60200, message);

    private static TwilioError TooManyChecks() => new(429, 60202, "Max check attempts reached");
}
