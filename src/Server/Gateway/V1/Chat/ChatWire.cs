using System.Text;

namespace Ledgerline.Gateway.V1.Chat;

/// <summary>The stream to the client: begun with the first event, and remembered where it may be asked for again.</summary>
internal sealed class ChatWire(HttpContext context, bool remembers)
{
    public const string ContentType = "text/event-stream; charset=utf-8";

    private readonly StringBuilder sent = new();

    /// <summary>Something has been sent: from here on a failure can only be told within the stream.</summary>
    public bool HasBegun { get; private set; }

    /// <summary>All that was sent, where that is remembered.</summary>
    public string Sent => sent.ToString();

    public Task Send(string events) => events.Length == 0 ? Task.CompletedTask : Send(Encoding.UTF8.GetBytes(events), events);

    /// <param name="text">The same as text, where somebody has it.</param>
    public Task Send(byte[] events, string? text = null)
    {
        if (!HasBegun)
        {
            HasBegun = true;
            context.Response.ContentType = ContentType;
            context.Response.Headers.CacheControl = "no-cache";
            context.Response.Headers["X-Accel-Buffering"] = "no";
        }

        if (remembers)
        {
            sent.Append(text ?? Relayed.Text(events));
        }

        return EventRelay.Send(context, events);
    }
}
