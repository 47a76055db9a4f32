using System.Text;

namespace Sandbox.Core;

/// <summary>Stands in for a response body that a fault strikes in the middle: it counts the events that pass, each one write.</summary>
internal sealed class StruckStream : Stream
{
    private readonly Fault _fault;
    private readonly Simulator _simulator;
    private readonly HttpContext _context;
    private readonly Stream _wire;
    private int _passed;

    private StruckStream(Fault fault, Simulator simulator, HttpContext context) =>
        (_fault, _simulator, _context, _wire) = (fault, simulator, context, context.Response.Body);

    public override bool CanRead => false;
    public override bool CanSeek => false;
    public override bool CanWrite => true;
    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Lets the simulator answer through such a body; an answer with fewer events is left whole.</summary>
    public static async Task Run(Fault fault, Simulator simulator, HttpContext context, Func<Task> answer)
    {
        var body = new StruckStream(fault, simulator, context);
        context.Response.Body = body;
        try
        {
            await answer();
        }
        catch (StruckException)
        {
            // The rest of the answer is not sent; what became of the connection was decided when the fault struck.
        }
        finally
        {
            context.Response.Body = body._wire;
        }
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Promise();
        if (_passed == _fault.AfterEvents)
        {
            await Strike(cancellationToken);
        }

        _passed++;
        await _wire.WriteAsync(buffer, cancellationToken);
        await _wire.FlushAsync(cancellationToken);
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task FlushAsync(CancellationToken cancellationToken) => _wire.FlushAsync(cancellationToken);

    public override void Flush()
    {
    }

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();

    // A length that is never reached: the connection ends early, and what was sent arrives.
    private void Promise()
    {
        if (_fault.Drop && !_context.Response.HasStarted)
        {
            _context.Response.ContentLength = int.MaxValue;
        }
    }

    private async Task Strike(CancellationToken stop)
    {
        if (_fault.DelayMs is > 0 and var milliseconds)
        {
            await Task.Delay(milliseconds, stop);
        }

        if (_fault.AnswersItself)
        {
            HeldAnswer.Excuse(_context);
            var said = _fault.Body ?? $"data: {Json.Text(_simulator.Error(_fault.Status ?? 500, "The sandbox was told to fail in the middle of this stream."))}\r\n\r\n";
            await _wire.WriteAsync(Encoding.UTF8.GetBytes(said), stop);
            await _wire.FlushAsync(stop);
        }

        if (_fault.Drop)
        {
            // Also before the first event the head of the answer has left.
            await _context.Response.StartAsync(stop);
            RequestLog.MarkDropped(_context);
        }

        if (_fault.Drop || _fault.AnswersItself)
        {
            throw new StruckException();
        }
    }

    private sealed class StruckException : Exception;
}
