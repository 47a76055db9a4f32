namespace Sandbox.Twilio;

/// <summary>What Twilio knows: messages, numbers that opted out, whether the account is a trial, and what becomes of the next messages.</summary>
internal sealed class TwilioWorld
{
    private readonly Lock _gate = new();
    private readonly List<TwilioMessage> _messages = [];
    private readonly List<NextDelivery> _deliveries = [];
    private readonly HashSet<string> _optedOut = [];
    private HashSet<string>? _verifiedOfTrial;

    public void Add(TwilioMessage message)
    {
        lock (_gate)
        {
            _messages.Add(message);
        }
    }

    public TwilioMessage? Find(string sid)
    {
        lock (_gate)
        {
            return _messages.Find(message => message.Sid == sid);
        }
    }

    /// <summary>Newest first.</summary>
    public IReadOnlyList<TwilioMessage> List()
    {
        lock (_gate)
        {
            return [.. Enumerable.Reverse(_messages)];
        }
    }

    /// <summary>Replaces a message by what it has become; null when it is gone.</summary>
    public TwilioMessage? Change(string sid, Func<TwilioMessage, TwilioMessage> change)
    {
        lock (_gate)
        {
            var at = _messages.FindIndex(message => message.Sid == sid);
            return at < 0 ? null : _messages[at] = change(_messages[at]);
        }
    }

    public void Remove(string sid)
    {
        lock (_gate)
        {
            _messages.RemoveAll(message => message.Sid == sid);
        }
    }

    public void Script(NextDelivery delivery)
    {
        lock (_gate)
        {
            _deliveries.Add(delivery);
        }
    }

    /// <summary>What becomes of a message to this number; used up by one.</summary>
    public NextDelivery TakeDelivery(string to)
    {
        lock (_gate)
        {
            var at = _deliveries.FindIndex(delivery => delivery.To is null || delivery.To == to);
            if (at < 0)
            {
                return new NextDelivery();
            }

            var delivery = _deliveries[at];
            if (delivery.Times <= 1)
            {
                _deliveries.RemoveAt(at);
            }
            else
            {
                _deliveries[at] = delivery with { Times = delivery.Times - 1 };
            }

            return delivery;
        }
    }

    public void SetOptedOut(string number, bool optedOut)
    {
        lock (_gate)
        {
            _ = optedOut ? _optedOut.Add(number) : _optedOut.Remove(number);
        }
    }

    /// <summary>Makes the account a trial that reaches these numbers only; null makes it an ordinary one.</summary>
    public void SetTrial(IEnumerable<string>? verified)
    {
        lock (_gate)
        {
            _verifiedOfTrial = verified?.ToHashSet();
        }
    }

    /// <summary>Refuses a recipient that does not want messages, or that a trial may not reach.</summary>
    public void DemandWilling(string to)
    {
        lock (_gate)
        {
            if (_optedOut.Contains(to))
            {
                throw TwilioNumbers.OptedOut();
            }

            if (_verifiedOfTrial?.Contains(to) == false)
            {
                throw new TwilioError(400, 21608, $"The number {to} is unverified. Trial accounts cannot send messages to unverified numbers.");
            }
        }
    }

    /// <summary>Refuses a number that a trial may not call.</summary>
    public void DemandReachable(string to)
    {
        lock (_gate)
        {
            if (_verifiedOfTrial?.Contains(to) == false)
            {
                throw new TwilioError(400, 21219, $"The number {to} is unverified. Trial accounts may only make calls to verified numbers.");
            }
        }
    }

    public void Clear()
    {
        lock (_gate)
        {
            _messages.Clear();
            _deliveries.Clear();
            _optedOut.Clear();
            _verifiedOfTrial = null;
        }
    }
}
