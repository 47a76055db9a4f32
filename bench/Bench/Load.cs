using System.Diagnostics;
using System.Text;

namespace Bench;

/// <summary>A request that is sent over and over.</summary>
/// <param name="Name">As the figures call it: <c>transcription</c>, <c>json</c>.</param>
internal sealed record Load(string Name, int Requests, Func<HttpContent> Body)
{
    private const int AtOnce = 4;
    private const string Boundary = "----FormBoundaryOfTheBenchmark";

    /// <summary>A recording as an upload, written as browsers and curl do; made once, so that the load costs the generator little.</summary>
    public static Load Upload(string name, byte[] recording, int requests)
    {
        var form = Form(recording);
        return new(name, requests, () => new ByteArrayContent(form) { Headers = { { "Content-Type", $"multipart/form-data; boundary={Boundary}" } } });
    }

    /// <summary>A question of some words to a chat model.</summary>
    public static Load Json(int requests) => new("json", requests, () => new StringContent(
        """{"model":"gpt-4o-mini","messages":[{"role":"user","content":"Say something short."}],"max_tokens":16}""", Encoding.UTF8, "application/json"));

    private static byte[] Form(byte[] recording) =>
    [
        .. Encoding.ASCII.GetBytes($"--{Boundary}\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nwhisper-1\r\n"),
        .. Encoding.ASCII.GetBytes($"--{Boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"bench.wav\"\r\nContent-Type: audio/wav\r\n\r\n"),
        .. recording,
        .. Encoding.ASCII.GetBytes($"\r\n--{Boundary}--\r\n"),
    ];

    /// <summary>Sends so many, some at once, and answers what they took and what it took to answer them.</summary>
    public async Task<Measured> Measure(Target target)
    {
        target.Child.ForgetPeak();
        var (cpu, started) = (target.Child.CpuMicroseconds(), Stopwatch.GetTimestamp());
        var latencies = await Send(target, Requests);
        var elapsed = Stopwatch.GetElapsedTime(started);
        var sorted = latencies.Order().ToArray();
        return new Measured(
            (target.Child.CpuMicroseconds() - cpu) / sorted.Length, sorted.Length / elapsed.TotalSeconds,
            sorted[sorted.Length / 2], sorted[sorted.Length * 99 / 100], target.Child.PeakMegabytes());
    }

    public async Task<List<double>> Send(Target target, int requests)
    {
        var left = requests;
        var workers = await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(_ => Task.Run(async () =>
        {
            List<double> latencies = [];
            while (Interlocked.Decrement(ref left) >= 0)
            {
                var started = Stopwatch.GetTimestamp();
                await Post(target);
                latencies.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            }

            return latencies;
        })));
        return [.. workers.SelectMany(latencies => latencies)];
    }

    public async Task Post(Target target)
    {
        using var body = Body();
        using var answer = await target.Client.PostAsync(target.Path, body);
        if (!answer.IsSuccessStatusCode)
        {
            throw new InvalidOperationException($"{target.Name} answered {(int)answer.StatusCode} at {target.Path}: {await answer.Content.ReadAsStringAsync()}");
        }
    }
}

/// <summary>Where a load is sent, and whose processor time and memory count.</summary>
/// <param name="Path">Of the request.</param>
internal sealed record Target(string Name, ChildProcess Child, HttpClient Client, string Path);

/// <summary>What a round came to: processor time a request, requests a second, latencies in ms, the most memory in MB.</summary>
internal sealed record Measured(double CpuMicroseconds, double PerSecond, double P50, double P99, double PeakMegabytes);
