using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace Bench.Media;

/// <summary>Makes calls and measures them: phones on one side, the model on the other, the bridge between them in a process of its own.</summary>
internal sealed partial class PhoneLoad(LoadOrder order) : IDisposable
{
    public const string AccountSid = "ACbe2c0000000000000000000000be2c00";
    private const int CallsASecond = 50;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly HttpClient http = new() { Timeout = Patience };
    private int slot;
    private int named;

    public Wheel Wheel { get; } = new();
    public Latencies ToModel { get; } = new();
    public Latencies ToPhone { get; } = new();

    public int NextSlot() => Interlocked.Increment(ref slot);

    public async Task<LoadResult> Run()
    {
        using var model = new ModelStub(order.ModelPort, Wheel, order, ToModel);
        return order.Mixed ? await new MixedCalls(this, order, model).Run() : await Steady(model);
    }

    public void Dispose()
    {
        Wheel.Dispose();
        http.Dispose();
    }

    private async Task<LoadResult> Steady(ModelStub model)
    {
        var calls = new List<PhoneCall>();
        for (var at = 0; at < order.Calls; at++)
        {
            calls.Add(await Call());
            await Task.Delay(1000 / CallsASecond);
        }

        var deadline = Stopwatch.GetTimestamp();
        while (calls.Exists(call => !call.IsTaken && !call.WasRefused) && Stopwatch.GetElapsedTime(deadline) < Patience)
        {
            await Task.Delay(20);
        }

        if (calls.Find(call => call.WasRefused) is { } refused)
        {
            throw new InvalidOperationException($"The bridge refuses calls: {refused.Refusal}");
        }

        await Task.Delay(order.WarmSeconds * 1000);
        using var self = Process.GetCurrentProcess();
        var (own, bridge, began) = (self.TotalProcessorTime, Cpu(), Stopwatch.GetTimestamp());
        Wheel.ForgetLateness();
        (ToModel.IsOpen, ToPhone.IsOpen) = (true, true);
        await Task.Delay(order.Seconds * 1000);
        (ToModel.IsOpen, ToPhone.IsOpen) = (false, false);
        var seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        self.Refresh();
        var (cpu, ownCpu, memory, late) = (Cpu() - bridge, (self.TotalProcessorTime - own).TotalSeconds, Memory(), Wheel.Late);

        calls.ForEach(call => call.Silence());
        // What is on its way arrives.
        await Task.Delay(1000);
        var taken = calls.Count(call => call is { IsTaken: true, IsClosed: false });
        long said = calls.Sum(call => (long)call.Said);
        long arrived = model.Sessions.Sum(session => (long)session.Heard.Seen);
        calls.ForEach(call => call.HangUp());
        await Ended(calls);
        await Task.Delay(1500);
        return new LoadResult(
            taken, 0, cpu / seconds * 100, memory, ToModel.Count + ToPhone.Count, ToModel.Percentile(0.5), ToModel.Percentile(0.99),
            ToPhone.Percentile(0.5), ToPhone.Percentile(0.99), said, said - arrived, calls.Sum(call => (long)call.Heard.Missing), late, ownCpu / seconds * 100, model.Open);
    }

    /// <summary>A call that dials: our server's TwiML is fetched first.</summary>
    /// <param name="spoilt">Its token is not the one that was given.</param>
    public async Task<PhoneCall> Call(bool spoilt = false, bool starts = true)
    {
        var sid = $"CA{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16))}";
        var (address, token) = (order.Bridge, default(string));
        if (order.Server is { } server)
        {
            (address, token) = await Twiml(server, sid);
        }

        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, address.Port));
        var signature = order.Server is null ? null : Sign($"wss://{address.Authority}{address.PathAndQuery}", []);
        var call = new PhoneCall(
            socket, this, address, signature, sid, spoilt ? "nonsense" : token, direct: address.AbsolutePath.EndsWith("/v1/realtime", StringComparison.Ordinal), starts);
        call.Dial();
        return call;
    }

    /// <summary>Tells our server that calls are over, as the carrier would.</summary>
    public async Task Ended(IEnumerable<PhoneCall> calls)
    {
        if (order.Server is { } server)
        {
            foreach (var some in calls.Chunk(16))
            {
                await Task.WhenAll(some.Select(async call =>
                {
                    using var answer = await Post(server, "/call-end-webhook", Fields(call.CallSid, "completed", [new("CallDuration", "30")]));
                }));
            }
        }
    }

    private async Task<(Uri Address, string Token)> Twiml(Uri server, string sid)
    {
        using var answer = await Post(server, "/incoming-call", Fields(sid, "ringing", []));
        var twiml = await answer.Content.ReadAsStringAsync();
        var (address, token) = (StreamUrl().Match(twiml), Token().Match(twiml));
        return address.Success && token.Success
            ? (new Uri(address.Groups[1].Value), token.Groups[1].Value)
            : throw new InvalidOperationException($"The server connects no call: {(int)answer.StatusCode} {twiml}");
    }

    private KeyValuePair<string, string>[] Fields(string sid, string status, KeyValuePair<string, string>[] more) =>
    [
        new("AccountSid", AccountSid), new("ApiVersion", "2010-04-01"), new("CallSid", sid), new("CallStatus", status), new("Direction", "inbound"),
        new("From", "+14155550123"), new("To", order.Numbers[Interlocked.Increment(ref named) % order.Numbers.Count]), .. more,
    ];

    private async Task<HttpResponseMessage> Post(Uri server, string path, KeyValuePair<string, string>[] fields)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(server, path)) { Content = new FormUrlEncodedContent(fields) };
        request.Headers.Add("X-Twilio-Signature", Sign(order.Public.TrimEnd('/') + path, fields));
        var answer = await http.SendAsync(request);
        return answer.IsSuccessStatusCode ? answer : throw new InvalidOperationException($"{path}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
    }

    private string Sign(string url, KeyValuePair<string, string>[] fields)
    {
        var text = url + string.Concat(fields.OrderBy(field => field.Key, StringComparer.Ordinal).Select(field => field.Key + field.Value));
#pragma warning disable CA5350 // Twilio signs with SHA-1.
        return Convert.ToBase64String(HMACSHA1.HashData(Encoding.UTF8.GetBytes(order.AuthToken), Encoding.UTF8.GetBytes(text)));
#pragma warning restore CA5350
    }

    /// <summary>Seconds of processor time that the bridge has used.</summary>
    private double Cpu()
    {
        if (order.BridgePid is not { } id)
        {
            return 0;
        }

        var stat = File.ReadAllText($"/proc/{id}/stat");
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return (double.Parse(fields[11], CultureInfo.InvariantCulture) + double.Parse(fields[12], CultureInfo.InvariantCulture)) / 100;
    }

    private double Memory() => order.BridgePid is not { } id ? 0 : double.Parse(
        File.ReadLines($"/proc/{id}/status").First(line => line.StartsWith("VmRSS:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2],
        CultureInfo.InvariantCulture) / 1024;

    [GeneratedRegex("""<Stream url="([^"]+)">""")]
    private static partial Regex StreamUrl();

    [GeneratedRegex("""name="token" value="([^"]+)""")]
    private static partial Regex Token();
}
