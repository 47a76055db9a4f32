namespace Bench;

/// <summary>The Portkey gateway: a gateway to models that routes and translates as ours does, and meters nothing.</summary>
internal static class PortkeyGateway
{
    private const string Folder = "bench/portkey";
    private const string Program = $"{Folder}/node_modules/@portkey-ai/gateway/build/start-server.js";

    /// <summary>Null, with a word about it, when its packages are not installed.</summary>
    public static async Task<Peer?> Start(string upstream)
    {
        if (!File.Exists(Program))
        {
            await Console.Error.WriteLineAsync($"{Program} is not there, so the Portkey gateway's figures are missing: npm ci --prefix {Folder}");
            return null;
        }

        var port = ServerProcess.FreePort();
        var peer = await Peer.Start(
            "portkey", new Uri($"http://127.0.0.1:{port}"), "node", ["--import", Path.GetFullPath($"{Folder}/loopback.mjs"), Program, $"--port={port}", "--headless"],
            new Dictionary<string, string> { ["NODE_ENV"] = "production" });
        peer.Client.DefaultRequestHeaders.Add("x-portkey-provider", "openai");
        peer.Client.DefaultRequestHeaders.Add("x-portkey-custom-host", $"{upstream}/v1");
        peer.Client.DefaultRequestHeaders.Add("Authorization", "Bearer sk-bench");
        return peer;
    }
}
