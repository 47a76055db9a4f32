using Bench;
using Bench.Media;

if (args is [YarpProxy.Mode, var port, var upstream])
{
    await YarpProxy.Serve(port, upstream);
    return 0;
}

if (args is [WebhookPeer.Mode, var peerPort, var peerDatabase])
{
    await WebhookPeer.Serve(peerPort, peerDatabase);
    return 0;
}

if (args is [PassThrough.Mode, var bridgePort, var modelPort])
{
    await PassThrough.Serve(bridgePort, modelPort);
    return 0;
}

if (args is [BareStreams.Mode, var streamsPort])
{
    await BareStreams.Serve(streamsPort);
    return 0;
}

if (args is [LoadProcess.Mode, var order])
{
    await LoadProcess.Serve(order);
    return 0;
}

// bin/bench media --bridge ws://HOST:PORT/PATH [--model-port PORT] [--bridge-pid PID] measures somebody else's bridge beside ours.
if (args is ["media", ['-', ..], ..])
{
    MediaBench.Others = OtherBridge.Read(args[1..]);
    args = ["media"];
}

// bin/bench [name]: runs one benchmark or all, prints name, ours, peer, ratio, and writes artifacts/bench.json.
var benches = new Dictionary<string, Func<Report, Task>>
{
    ["start"] = StartBench.Run,
    ["ledger"] = LedgerBench.Run,
    ["gateway"] = GatewayBench.Run,
    ["webhooks"] = WebhooksBench.Run,
    ["allowances"] = AllowanceBench.Run,
    ["chat"] = ChatBench.Run,
    ["replies"] = ChatBench.RunReplies,
    ["streams"] = StreamsBench.Run,
    ["nodes"] = NodesBench.Run,
    ["media"] = MediaBench.Run,
};
// A part of another one runs only when it is named.
var wanted = args.Length == 0 ? [.. benches.Keys.Where(name => name is not ("replies" or "streams"))] : args;
if (Array.Find(wanted, name => !benches.ContainsKey(name)) is { } unknown)
{
    Console.Error.WriteLine($"There is no benchmark {unknown}; there are {string.Join(", ", benches.Keys)}.");
    return 2;
}

var report = new Report();
foreach (var name in wanted)
{
    await benches[name](report);
}

report.Write();
return 0;
