using System.Diagnostics;
using Ledgerline.Audio;
using Xunit;

namespace Tests.Audio;

/// <summary>Real recordings with bytes changed, lost, added and doubled, thousands of them, and from a seed that a failure names.</summary>
public class MutationTests
{
    private const int Each = 80;
    private const int PlayedEach = 1;

    // A probe takes milliseconds; a machine full of other tests takes its time.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    public static TheoryData<string> Everything() => [.. Variant.All.Select(variant => variant.Name)];

    [Theory, MemberData(nameof(Everything))]
    public async Task Always_have_an_answer_soon_and_without_much_memory(string name)
    {
        var real = await Recordings.Bytes(name);
        Probed.Read(real);
        foreach (var seed in Seeds(Each))
        {
            using var file = new MemoryStream(Mutant(real, seed));
            var before = GC.GetAllocatedBytesForCurrentThread();
            var start = Stopwatch.GetTimestamp();
            try
            {
                AudioProbe.Read(file);
            }
            catch (Exception escaped)
            {
                Assert.Fail($"seed {seed} of {name}: {escaped}");
            }

            // The buffers come from a pool, which other tests may have emptied.
            var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.True(allocated < 300_000, $"seed {seed} of {name}: {allocated} bytes");
            Assert.True(Stopwatch.GetElapsedTime(start) < Patience, $"seed {seed} of {name}: {Stopwatch.GetElapsedTime(start)}");
        }
    }

    [Theory, MemberData(nameof(Everything))]
    public async Task Are_never_shorter_than_a_decoder_plays_them(string name)
    {
        var extension = Variant.All.Single(variant => variant.Name == name).Extension;
        var real = await Recordings.Bytes(name);
        foreach (var seed in Seeds(PlayedEach))
        {
            await Probed.NeverBelowPlayed(Mutant(real, seed), extension, $"seed {seed} of {name}");
        }
    }

    private static IEnumerable<int> Seeds(int count)
    {
        var dice = new Random(20_240_607);
        return Enumerable.Range(0, count).Select(_ => dice.Next()).ToList();
    }

    private static byte[] Mutant(byte[] real, int seed)
    {
        var dice = new Random(seed);
        var bytes = new List<byte>(real);
        for (var changes = dice.Next(1, 4); changes > 0; changes--)
        {
            // Half of the changes hit the headers.
            var at = dice.Next(dice.Next(2) == 0 ? Math.Min(600, bytes.Count) : bytes.Count);
            var length = Math.Min(dice.Next(1, 600), bytes.Count - at);
            var value = (byte)dice.Next(256);
            switch (dice.Next(7))
            {
                case 0:
                    bytes[at] ^= (byte)(1 << dice.Next(8));
                    break;
                case 1:
                    for (var flips = dice.Next(1, 30); flips > 0; flips--)
                    {
                        bytes[dice.Next(bytes.Count)] = value;
                    }

                    break;
                case 2:
                    bytes.RemoveRange(at, Math.Min(length, bytes.Count - 1));
                    break;
                case 3:
                    bytes.InsertRange(at, Enumerable.Repeat(value, length));
                    break;
                case 4:
                    bytes.InsertRange(at, bytes.GetRange(dice.Next(bytes.Count - length + 1), length));
                    break;
                case 5:
                    byte[] extreme = [0, 1, 0x7F, 0x80, 0xFF];
                    var run = extreme[dice.Next(extreme.Length)];
                    for (var i = at; i < Math.Min(at + dice.Next(1, 9), bytes.Count); i++)
                    {
                        bytes[i] = run;
                    }

                    break;
                default:
                    bytes.RemoveRange(Math.Max(1, at), bytes.Count - Math.Max(1, at));
                    break;
            }
        }

        // With wrong checksums nothing behind an Ogg page's head would ever be reached.
        byte[] mutant = [.. bytes];
        return mutant.AsSpan().StartsWith("OggS"u8) && dice.Next(10) > 0 ? OggFile.Seal(mutant) : mutant;
    }
}
