using Microsoft.Playwright;
using Tests.World;
using Xunit;

namespace Tests.Audio;

/// <summary>What a real browser's recorder makes: no duration, no sizes, and a length all the same.</summary>
public class BrowserRecordingTests
{
    private const string Page = """
        <button>Record</button>
        <script>
        const types = ['audio/webm;codecs=opus', 'audio/webm;codecs=pcm', 'audio/mp4;codecs=opus', 'video/x-matroska;codecs=opus'];
        async function record(type, slice) {
            const context = new AudioContext(), tone = context.createOscillator(), sink = context.createMediaStreamDestination();
            tone.connect(sink);
            tone.start();
            const recorder = new MediaRecorder(sink.stream, { mimeType: type }), parts = [];
            recorder.ondataavailable = part => parts.push(part.data);
            const stopped = new Promise(done => recorder.onstop = done);
            recorder.start(slice);
            setTimeout(() => recorder.stop(), 1200);
            await stopped;
            const bytes = new Uint8Array(await new Blob(parts).arrayBuffer());
            let text = '';
            for (const byte of bytes) text += String.fromCharCode(byte);
            return type + ' ' + btoa(text);
        }
        document.querySelector('button').onclick = () => window.recorded = Promise.all(
            types.filter(MediaRecorder.isTypeSupported).flatMap(type => [record(type), record(type, 200)]));
        </script>
        """;

    [Fact]
    public async Task Is_measured_by_what_it_holds()
    {
        using var playwright = await Playwright.CreateAsync();
        await using var browser = await Chromium.Launch(playwright);
        var page = await browser.NewPage();
        await page.SetContentAsync(Page);
        await page.ClickAsync("button");
        var recorded = await page.EvaluateAsync<string[]>("window.recorded");

        Assert.Contains(recorded, one => one.StartsWith("audio/webm;codecs=opus", StringComparison.Ordinal));
        foreach (var one in recorded)
        {
            var (type, bytes) = (one.Split(' ')[0], Convert.FromBase64String(one.Split(' ')[1]));
            var length = Probed.Length(bytes);
            var played = await Probed.NeverBelowPlayed(bytes, "webm", type);

            // From MP4 ffmpeg drops the first packets of Opus, 80 ms, as a run-in.
            Assert.InRange(length - played!.Value, TimeSpan.Zero, type.Contains("mp4", StringComparison.Ordinal) ? TimeSpan.FromMilliseconds(100) : TimeSpan.Zero);
            Assert.InRange(length, TimeSpan.FromSeconds(0.8), TimeSpan.FromSeconds(3));
        }
    }
}
