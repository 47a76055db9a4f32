namespace Sandbox.Core;

/// <summary>A mail or text message that arrived; channel is <c>mail</c> or <c>sms</c>.</summary>
internal sealed record Message(string Channel, string To, string? From, string? Subject, string Text, string? Html, DateTimeOffset At);

/// <summary>What was sent to people, newest first; the oldest give way.</summary>
internal sealed class MessageBox
{
    private readonly Ring<Message> _messages = new(1000);

    public void Add(Message message) => _messages.Add(message);

    public IReadOnlyList<Message> List(string? to = null, int limit = 100) =>
        _messages.Newest(message => to is null || string.Equals(message.To, to.Trim(), StringComparison.OrdinalIgnoreCase), limit);

    public void Clear() => _messages.Clear();
}
