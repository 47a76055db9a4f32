using System.Net.Sockets;
using System.Text;
using Tests.World;
using Xunit;

namespace Tests.Transcription;

/// <summary>Whatever is sent, the answer says what is wrong, the provider hears nothing and the books stay as they were.</summary>
public sealed class TranscribeRefusalTests
{
    private const long Limit = 26_214_400;

    [Fact]
    public async Task A_form_without_exactly_one_file_is_invalid()
    {
        await using var world = await TestWorld.Start();
        var customer = await Customer.New(world, credits: 10);
        var wav = Recordings.Wav(1);

        async Task Refused(HttpContent content, string sentence)
        {
            using (content)
            {
                var reply = await customer.Post(content);
                Assert.Equal(422, reply.Status);
                Assert.Equal(("body.audio", sentence), reply.Fault);
            }
        }

        const string form = "Send the file as multipart/form-data in the field audio";
        const string malformed = "The multipart body is broken off or malformed";
        await Refused(new ByteArrayContent([]), form);
        await Refused(new StringContent("{}", Encoding.UTF8, "application/json"), form);
        await Refused(new FormUrlEncodedContent([new("audio", "x")]), form);
        await Refused(Typed(wav, "audio/wav"), form);
        await Refused(Typed(wav, "multipart/form-data"), form);
        await Refused(Typed(wav, "multipart/form-data; boundary=\"\""), form);
        await Refused(Typed(wav, $"multipart/form-data; boundary={new string('x', 71)}"), form);
        await Refused(Typed(wav, "multipart/mixed; boundary=x"), form);
        await Refused(Typed(wav, "multipart/form-data; boundary=x"), malformed);
        await Refused(Typed([], "multipart/form-data; boundary=x"), malformed);
        await Refused(Typed("--x\r\n"u8, "multipart/form-data; boundary=x"), malformed);
        await Refused(Typed("--x\r\nContent-Disposition: form-data; name=\"audio\"; filename=\"a.wav\"\r\n\r\nRIFF"u8, "multipart/form-data; boundary=x"), malformed);
        await Refused(Typed(Encoding.ASCII.GetBytes($"--x\r\nA: {new string('a', 40_000)}\r\n\r\n--x--\r\n"), "multipart/form-data; boundary=x"), malformed);
        await Refused(new MultipartFormDataContent(), malformed);
        await Refused(new MultipartFormDataContent { { new StringContent("x"), "other" } }, "Field required");
        await Refused(new MultipartFormDataContent { { new ByteArrayContent(wav), "file", "a.wav" } }, "Field required");
        await Refused(new MultipartFormDataContent { { new ByteArrayContent(wav), "Audio", "a.wav" } }, "Field required");
        await Refused(new MultipartFormDataContent { { new StringContent("not a file"), "audio" } }, "The field audio must be a file with a file name");
        await Refused(Customer.Form([]), "The file is empty");
        await Refused(
            new MultipartFormDataContent { { new ByteArrayContent(wav), "audio", "a.wav" }, { new ByteArrayContent(wav), "audio", "b.wav" } },
            "Send one file, not several");
        var many = new MultipartFormDataContent();
        for (var part = 0; part < 101; part++)
        {
            many.Add(new StringContent("x"), $"field{part}");
        }

        await Refused(many, "The form has too many parts");
        await customer.AssertUntouched(10);
        Assert.Empty(await world.Requests());
    }

    [Theory]
    [InlineData("?language=english")]
    [InlineData("?language=EN")]
    [InlineData("?language=e")]
    [InlineData("?language=en-")]
    [InlineData("?language=en-U$")]
    [InlineData("?language=en%0A")]
    [InlineData("?language=%22%0D%0AX-Evil:%201")]
    [InlineData("?language=en&language=de")]
    public async Task A_language_that_is_none_is_invalid(string query)
    {
        await using var world = await TestWorld.Start();
        var customer = await Customer.New(world, credits: 10);

        var reply = await customer.Transcribe(Recordings.Wav(1), query: query);

        Assert.Equal(422, reply.Status);
        Assert.Equal(("query.language", "Give the language as one ISO 639 code, such as en or ja"), reply.Fault);
        await customer.AssertUntouched(10);
    }

    [Fact]
    public async Task What_is_no_recording_is_unsupported_or_unreadable()
    {
        await using var world = await TestWorld.Start();
        var customer = await Customer.New(world, credits: 10);

        async Task Refused(byte[] bytes, int status, string body)
        {
            var reply = await customer.Transcribe(bytes, "song.mp3");
            Assert.Equal((status, body), (reply.Status, reply.Text));
        }

        const string unsupported = """{"detail":{"error":"Unsupported audio","code":"UNSUPPORTED_AUDIO"}}""";
        const string unreadable = """{"detail":{"error":"Audio could not be read","code":"AUDIO_UNREADABLE"}}""";
        await Refused(Encoding.UTF8.GetBytes("This is a text that calls itself a song. It goes on for some time without any sound."), 415, unsupported);
        await Refused([.. "%PDF-1.7\n"u8, .. new byte[4000]], 415, unsupported);
        await Refused([0], 415, unsupported);
        await Refused(Recordings.Wav(0), 400, unreadable);
        await Refused(Recordings.Wav(1)[..20], 400, unreadable);
        await customer.AssertUntouched(10);
        Assert.Empty(await world.Requests());
    }

    [Theory]
    [InlineData("wav"), InlineData("mp3"), InlineData("m4a"), InlineData("webm"), InlineData("ogg"), InlineData("flac")]
    public async Task A_recording_that_is_cut_off_is_unreadable(string extension)
    {
        await using var world = await TestWorld.Start();
        var customer = await Customer.New(world, credits: 10);

        var whole = extension == "wav" ? Recordings.Spoken() : Recordings.Spoken(extension);

        foreach (var kept in (int[])[60, whole.Length / 2, whole.Length * 9 / 10])
        {
            var reply = await customer.Transcribe(whole[..kept], $"spoken.{extension}");
            Assert.True(reply is { Status: 400, Code: "AUDIO_UNREADABLE" } || (kept == 60 && reply.Status == 415), $"{kept} of {whole.Length}: {reply.Status} {reply.Text}");
        }

        await customer.AssertUntouched(10);
        Assert.Empty(await world.Requests());
    }

    [Fact]
    public async Task What_a_file_claims_of_its_length_neither_raises_nor_lowers_the_price()
    {
        await using var world = await TestWorld.Start();
        var customer = await Customer.New(world, credits: 10);
        // The number of samples in a FLAC's first block, 36 bits: seventeen days of sound, or a fraction of a second.
        var (days, moment) = (Recordings.Spoken("flac")[..], Recordings.Spoken("flac")[..]);
        (days[21], days[22], days[23], days[24], days[25]) = ((byte)(days[21] | 0x0F), 255, 255, 255, 255);
        (moment[21], moment[22], moment[23], moment[24], moment[25]) = ((byte)(moment[21] & 0xF0), 0, 0, 0x1F, 0x40);
        // The size of a WAV's sound: gigabytes.
        var wav = Recordings.Wav(31);
        wav.AsSpan(wav.Length - (31 * 8000) - 4, 4).Fill(0xF0);

        // What was decoded decides, not what the provider may read in the same header.
        await world.Says(new { usage = (object?)null, duration = (object?)null, times = 2 });
        world.ExpectedViolations.Add("");
        Assert.Equal(1, (await customer.Transcribe(moment)).Body.GetProperty("credits_used").GetInt64());
        Assert.Equal(3, (await customer.Transcribe(wav)).Body.GetProperty("credits_used").GetInt64());
        Assert.Equal((6, 0), await customer.Wallet());
        // Where most of the seventeen days are missing the file was cut off.
        Assert.Equal("AUDIO_UNREADABLE", (await customer.Transcribe(days)).Code);
        Assert.Equal((6, 0), await customer.Wallet());
    }

    [Fact]
    public async Task A_file_over_the_limit_is_refused_before_it_is_read()
    {
        await using var world = await TestWorld.Start();
        var customer = await Customer.New(world, credits: 10);
        const string tooLarge = """{"detail":{"error":"File too large","code":"FILE_TOO_LARGE"}}""";

        // Only the head is sent: the answer comes although not one byte of the body ever does.
        using var head = customer.Request(HttpMethod.Post, "/api/transcribe");
        var answer = await SendHead(world, $"Authorization: {head.Headers.Authorization}\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: {Limit + 1_000_000}\r\n");
        Assert.StartsWith("HTTP/1.1 413 ", answer, StringComparison.Ordinal);
        Assert.EndsWith(tooLarge, answer, StringComparison.Ordinal);
        Assert.Contains("\r\nConnection: close\r\n", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("100 Continue", answer, StringComparison.Ordinal);

        // The same for one who asks first.
        answer = await SendHead(world, $"Authorization: {head.Headers.Authorization}\r\nContent-Type: multipart/form-data; boundary=x\r\nExpect: 100-continue\r\nContent-Length: {Limit * 40}\r\n");
        Assert.StartsWith("HTTP/1.1 413 ", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("100 Continue", answer, StringComparison.Ordinal);

        // And who does not say how much it will be is stopped when it is too much.
        using var chunked = customer.Request(HttpMethod.Post, "/api/transcribe", Customer.Form(new byte[Limit + 1]));
        chunked.Headers.TransferEncodingChunked = true;
        var reply = await Reply.Of(world.Client.SendAsync(chunked));
        Assert.Equal((413, tooLarge), (reply.Status, reply.Text));

        await customer.AssertUntouched(10);
        Assert.Empty(await world.Requests());
    }

    [Fact]
    public async Task The_limit_is_the_files_own_size_and_can_be_set()
    {
        var wav = Recordings.Wav(10);
        await using var world = await TestWorld.Start(settings: new() { ["MAX_AUDIO_BYTES"] = $"{wav.Length}" });
        var customer = await Customer.New(world, credits: 10);

        Assert.Equal(200, (await customer.Transcribe(wav)).Status);
        Assert.Equal("FILE_TOO_LARGE", (await customer.Transcribe([.. wav, 0])).Code);
        Assert.Equal("FILE_TOO_LARGE", (await customer.Transcribe(new byte[wav.Length + 200_000])).Code);

        // Much else around a small file is not welcome either.
        using var padded = Customer.Form(Recordings.Wav(1));
        padded.Add(new ByteArrayContent(new byte[300_000]), "other");
        Assert.Equal("FILE_TOO_LARGE", (await customer.Post(padded)).Code);
        Assert.Equal((9, 0), await customer.Wallet());
    }

    [Fact]
    public async Task Nothing_of_an_upload_reaches_the_logs_or_stays_on_disk()
    {
        const string canary = "canary-7f3a";
        var folder = Directory.CreateTempSubdirectory("ledgerline-spool-").FullName;
        await using (var world = await TestWorld.Start(settings: new() { ["SPOOL_FOLDER"] = folder }))
        {
            var customer = await Customer.New(world, credits: 10);
            var wav = Recordings.Wav(1, $"said {canary}");
            await world.Fails(new { status = 400, body = $$$"""{"error":{"message":"{{{canary}}} sk-canary","type":"t","param":null,"code":"{{{canary}}}"}}""" });
            world.ExpectedViolations.Add("");
            var failed = await customer.Transcribe(wav, $"{canary}.wav", $"?language=zz-{canary[..6]}", key: canary);
            Assert.Equal(500, failed.Status);
            Assert.DoesNotContain(canary, failed.Text, StringComparison.Ordinal);
            Assert.Equal(200, (await customer.Transcribe(wav, $"{canary}.wav", key: canary)).Status);
            Assert.Equal(415, (await customer.Transcribe(Encoding.UTF8.GetBytes(new string('x', 4000) + canary), $"{canary}.mp3")).Status);
            Assert.Equal(422, (await customer.Transcribe([], $"{canary}.mp3")).Status);

            Assert.DoesNotContain(world.Logs.All, line => line.Contains("canary", StringComparison.Ordinal));
            Assert.DoesNotContain(world.Logs.All, line => line.Contains(customer.Token, StringComparison.Ordinal));
            Assert.Contains(world.Logs.All, line => line.Contains("openai POST", StringComparison.Ordinal));
            Assert.Empty(Directory.EnumerateFileSystemEntries(folder));
        }

        Directory.Delete(folder, recursive: true);
    }

    private static ByteArrayContent Typed(ReadOnlySpan<byte> body, string type)
    {
        var content = new ByteArrayContent(body.ToArray());
        content.Headers.TryAddWithoutValidation("Content-Type", type);
        return content;
    }

    // Reads one answer to its end; what the server does with the connection afterwards is another matter.
    private static async Task<string> SendHead(TestWorld world, string headers)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var socket = new TcpClient();
        await socket.ConnectAsync(world.Client.BaseAddress!.Host, world.Client.BaseAddress.Port, patience.Token);
        var stream = socket.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"POST /api/transcribe HTTP/1.1\r\nHost: {world.Client.BaseAddress.Authority}\r\n{headers}\r\n"), patience.Token);
        var received = new StringBuilder();
        var buffer = new byte[4096];
        const string end = "\r\n0\r\n\r\n";
        while (!received.ToString().EndsWith(end, StringComparison.Ordinal))
        {
            var read = await stream.ReadAsync(buffer, patience.Token);
            Assert.NotEqual(0, read);
            received.Append(Encoding.ASCII.GetString(buffer, 0, read));
        }

        return received.ToString()[..^end.Length];
    }
}
