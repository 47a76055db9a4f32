using System.Buffers.Binary;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Http;
using Tests.World;
using Xunit;

namespace Tests.Transcription;

/// <summary>Large uploads pass through small buffers, in and out.</summary>
[Collection(Alone.Name)]
public sealed class MemoryTests
{
    private const int FileBytes = 24 * 1024 * 1024;
    private const int Uploads = 8;

    [Fact]
    public async Task Eight_large_uploads_at_once_are_never_whole_in_memory()
    {
        var answer = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var provider = await StandInProvider.Start(async context =>
        {
            await answer.Task;
            await context.Response.WriteAsync("""{"text":"Long.","duration":15}""");
        });
        var spool = Directory.CreateTempSubdirectory("ledgerline-spool-");
        await using (var world = await TestWorld.Start(settings: new(provider.Settings!) { ["SPOOL_FOLDER"] = spool.FullName }))
        {
            var customer = await Customer.New(world, credits: 10_000);
            Assert.Equal(402, (await (await Customer.New(world, 0)).Transcribe(Recordings.Wav(1))).Status);
            var before = GC.GetTotalAllocatedBytes(precise: true);

            var uploads = Enumerable.Range(0, Uploads).Select(async _ =>
            {
                using var form = new MultipartFormDataContent();
                using var file = new LargeWav();
                form.Add(file, "audio", "large.wav");
                return await customer.Post(form, key: Guid.NewGuid().ToString());
            }).ToList();
            await provider.WasAsked(Uploads);
            var allocated = GC.GetTotalAllocatedBytes(precise: true) - before;

            // Client, server and provider together have moved each byte twice over the wire.
            Assert.True(allocated < Uploads * (long)FileBytes / 3, $"{allocated >> 20} MiB were allocated for {Uploads * FileBytes >> 20} MiB of uploads.");
            Assert.Empty(spool.EnumerateFileSystemInfos());
            answer.SetResult();
            Assert.All(await Task.WhenAll(uploads), reply => Assert.Equal(200, reply.Status));
        }

        spool.Delete();
    }

    /// <summary>A stereo WAV in studio quality that exists only while it is sent.</summary>
    private sealed class LargeWav : HttpContent
    {
        private const int HeaderBytes = 44;
        private static readonly byte[] Silence = new byte[64 * 1024];

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.WriteAsync(Header());
            for (var left = FileBytes - HeaderBytes; left > 0; left -= Silence.Length)
            {
                await stream.WriteAsync(Silence.AsMemory(0, Math.Min(left, Silence.Length)));
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = FileBytes;
            return true;
        }

        private static byte[] Header()
        {
            var header = new byte[HeaderBytes];
            void Text(int at, string text) => Encoding.ASCII.GetBytes(text).CopyTo(header, at);
            void Number(int at, uint number) => BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(at), number);
            Text(0, "RIFF");
            Number(4, FileBytes - 8);
            Text(8, "WAVEfmt ");
            Number(16, 16);
            Number(20, 0x0002_0001);
            Number(24, 48_000);
            Number(28, 48_000 * 4);
            Number(32, 0x0010_0004);
            Text(36, "data");
            Number(40, FileBytes - HeaderBytes);
            return header;
        }
    }
}
