using System.Collections.Concurrent;
using Sandbox.Core;

namespace Sandbox.Twilio;

/// <summary>
/// Takes a message on its way: sent one second after it was taken, delivered one second later, by the sandbox's clock. Each step
/// is told to the message's callback, signed.
/// </summary>
internal sealed class MessageDelivery(SandboxClock clock, TwilioWorld world, TwilioCallback callbacks) : IDisposable
{
    private static readonly TimeSpan Step = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<string, ITimer> _underWay = new();

    public void Start(TwilioMessage message, NextDelivery delivery)
    {
        var steps = new Queue<string>(delivery.Outcome is "sent" or "failed" ? [delivery.Outcome] : ["sent", delivery.Outcome]);
        var due = message.CreatedAt;
        _underWay[message.Sid] = clock.CreateTimer(_ => Move(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        Arm();

        // Counted from when the message was taken, so that one jump of the clock passes every step.
        void Arm()
        {
            due += Step;
            var left = due - clock.GetUtcNow();
            if (_underWay.TryGetValue(message.Sid, out var timer))
            {
                timer.Change(left > TimeSpan.Zero ? left : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
            }
        }

        void Move()
        {
            var status = steps.Dequeue();
            var at = clock.GetUtcNow();
            var moved = world.Change(message.Sid, one => one with
            {
                Status = status,
                UpdatedAt = at,
                SentAt = status == "failed" ? null : one.SentAt ?? at,
                ErrorCode = status is "failed" or "undelivered" ? delivery.ErrorCode : null,
            });
            // Told before the next step may begin: they are told in their order.
            if (moved?.StatusCallback is not null)
            {
                Tell(moved);
            }

            if (moved is null || steps.Count == 0)
            {
                Forget(message.Sid);
            }
            else
            {
                Arm();
            }
        }
    }

    /// <summary>Nothing that is on its way goes any further.</summary>
    public void Clear()
    {
        foreach (var sid in _underWay.Keys)
        {
            Forget(sid);
        }
    }

    public void Dispose() => Clear();

    private void Forget(string sid)
    {
        if (_underWay.TryRemove(sid, out var timer))
        {
            timer.Dispose();
        }
    }

    private void Tell(TwilioMessage message)
    {
        var form = new Dictionary<string, string>
        {
            ["MessageSid"] = message.Sid,
            ["SmsSid"] = message.Sid,
            ["MessageStatus"] = message.Status,
            ["SmsStatus"] = message.Status,
            ["AccountSid"] = message.AccountSid,
            ["From"] = message.From,
            ["To"] = message.To,
            ["ApiVersion"] = "2010-04-01",
        };
        if (message.ErrorCode is { } code)
        {
            form["ErrorCode"] = code.ToString(System.Globalization.CultureInfo.InvariantCulture);
        }

        callbacks.Send($"{message.Sid}-{message.Status}", message.StatusCallback!, form);
    }
}
