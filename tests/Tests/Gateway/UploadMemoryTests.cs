using System.Text;
using Ledgerline.Gateway.Uploads;
using Xunit;

namespace Tests.Gateway;

/// <summary>Small uploads share memory: bounded, and never handed on while somebody still sends from it.</summary>
public sealed class UploadMemoryTests
{
    private readonly UploadMemory memory = new();

    [Fact]
    public void Only_what_is_known_to_be_small_gets_memory()
    {
        Assert.Null(memory.Take(null));
        Assert.Null(memory.Take(0));
        Assert.Null(memory.Take(UploadMemory.LargestBytes + 1));
        using var small = memory.Take(UploadMemory.LargestBytes);
        Assert.NotNull(small);
        Assert.Equal(0, small.Length);
    }

    [Fact]
    public void All_together_are_bounded()
    {
        List<MemoryUpload> taken = [];
        while (memory.Take(UploadMemory.LargestBytes) is { } upload)
        {
            taken.Add(upload);
        }

        Assert.Equal(UploadMemory.MostBytes / UploadMemory.LargestBytes, taken.Count);
        Assert.Equal(UploadMemory.MostBytes, memory.TakenBytes);
        taken[0].Dispose();
        taken[0].Dispose();
        using (var again = memory.Take(UploadMemory.LargestBytes))
        {
            Assert.NotNull(again);
            Assert.Null(memory.Take(1));
        }

        taken.ForEach(upload => upload.Dispose());
        Assert.Equal(0, memory.TakenBytes);
    }

    [Fact]
    public async Task Memory_is_not_given_back_while_somebody_sends_from_it()
    {
        var upload = memory.Take(100)!;
        await upload.WriteAsync("Good morning"u8.ToArray());
        upload.Position = 5;
        var slow = new SlowStream();
        var sending = upload.CopyToAsync(slow);

        await upload.DisposeAsync();
        Assert.True(memory.TakenBytes > 0);
        slow.Release.SetResult();
        await sending;

        Assert.Equal("morning", Encoding.UTF8.GetString(slow.Got));
        Assert.Equal(0, memory.TakenBytes);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => upload.CopyToAsync(Stream.Null));
    }

    /// <summary>Takes what is written only once it is let.</summary>
    private sealed class SlowStream : MemoryStream
    {
        public TaskCompletionSource Release { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public byte[] Got => ToArray();

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await Release.Task;
            Write(buffer.Span);
        }
    }
}
