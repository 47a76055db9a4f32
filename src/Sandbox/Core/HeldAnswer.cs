using System.Text;

namespace Sandbox.Core;

/// <summary>
/// Stands in for a response body until the answer is complete. It holds everything, or only JSON, so that a live stream still
/// leaves event by event while an inspector looks at the rest.
/// </summary>
internal sealed class HeldAnswer : Stream
{
    private static readonly object ExcusedKey = new();

    private readonly HttpContext _context;
    private readonly bool _holdAll;
    private readonly Stream _wire;
    private readonly MemoryStream _held = new();
    private bool? _holding;

    public HeldAnswer(HttpContext context, bool holdAll)
    {
        _context = context;
        _holdAll = holdAll;
        _wire = context.Response.Body;
        context.Response.Body = this;
    }

    public override bool CanRead => false;
    public override bool CanSeek => false;
    public override bool CanWrite => true;
    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    private bool Holding => _holding ??= _holdAll || IsJson;

    private bool IsJson => _context.Response.ContentType?.StartsWith("application/json", StringComparison.OrdinalIgnoreCase) == true;

    /// <summary>Lets this answer pass uninspected: a test asked for something that the published spec does not allow.</summary>
    public static void Excuse(HttpContext context) => context.Items[ExcusedKey] = true;

    /// <summary>Gives the connection back to the response.</summary>
    public void Restore() => _context.Response.Body = _wire;

    /// <summary>Sends what was held, or the violation that the inspector found in it.</summary>
    public async Task Send(AnswerInspector? inspect)
    {
        if (_holding != true)
        {
            return;
        }

        var response = _context.Response;
        var body = _held.GetBuffer().AsMemory(0, (int)_held.Length);
        if (inspect is not null && IsJson && !_context.Items.ContainsKey(ExcusedKey)
            && inspect(_context, response.StatusCode, response.ContentType!, body) is { } violation)
        {
            response.Clear();
            response.StatusCode = 599;
            response.ContentType = "text/plain; charset=utf-8";
            body = Encoding.UTF8.GetBytes(violation);
        }

        response.ContentLength = body.Length;
        await response.Body.WriteAsync(body, _context.RequestAborted);
    }

    /// <summary>Promises the whole length, sends half of it, and ends the connection.</summary>
    public async Task SendHalf()
    {
        var response = _context.Response;
        response.ContentLength = Math.Max(_held.Length, 2);
        await response.Body.WriteAsync(_held.GetBuffer().AsMemory(0, (int)(_held.Length / 2)), _context.RequestAborted);
        await response.Body.FlushAsync(_context.RequestAborted);
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        Holding ? _held.WriteAsync(buffer, cancellationToken) : _wire.WriteAsync(buffer, cancellationToken);

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Write(byte[] buffer, int offset, int count) => (Holding ? _held : _wire).Write(buffer, offset, count);

    public override Task FlushAsync(CancellationToken cancellationToken) =>
        _holding == false ? _wire.FlushAsync(cancellationToken) : Task.CompletedTask;

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();
}
