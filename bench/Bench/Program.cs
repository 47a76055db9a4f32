using Bench;

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

// bin/bench [name]: runs one benchmark or all, prints name, ours, peer, ratio, and writes artifacts/bench.json.
var benches = new Dictionary<string, Func<Report, Task>>
{
    ["start"] = StartBench.Run,
    ["ledger"] = LedgerBench.Run,
    ["gateway"] = GatewayBench.Run,
    ["webhooks"] = WebhooksBench.Run,
    ["allowances"] = AllowanceBench.Run,
    ["chat"] = ChatBench.Run,
    ["nodes"] = NodesBench.Run,
};
var wanted = args.Length == 0 ? benches.Keys.ToArray() : args;
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
