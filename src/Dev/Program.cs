using System.Net.Sockets;
using Dev;
using Ledgerline;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Sandbox.Core;

// Sandbox and server in one process, on one clock: moving it in the control room moves both.
var clock = new SandboxClock();
var options = SandboxOptions.FromEnvironment();
await using var sandbox = SandboxApp.Build(options, clock);
try
{
    await sandbox.StartAsync();
    var sandboxAddress = SandboxApp.AddressOf(sandbox);
    await using var server = ServerApp.Build(["--environment=Development", .. args], builder =>
    {
        // One name for this machine everywhere: a cookie set for localhost does not reach 127.0.0.1.
        var home = $"http://localhost:{builder.Configuration["PORT"] ?? "8000"}";
        builder.Configuration["SANDBOX_URL"] ??= sandboxAddress;
        // The sandbox's mail server takes another port when its own is not free.
        builder.Configuration["SMTP_PORT"] ??= $"{SandboxApp.SmtpPortOf(sandbox)}";
        builder.Configuration["PUBLIC_URL"] ??= home;
        builder.Configuration["GOOGLE_REDIRECT_URI"] ??= $"{home}/auth/google/callback";
        builder.Configuration["ALLOWED_ORIGINS"] ??= $"{home},http://localhost,http://localhost:5173,https://chotto.voice";
        builder.Services.AddSingleton<TimeProvider>(clock);
    });
    server.MapTryPage(sandboxAddress);
    await server.BringUpToDate();
    await server.StartAsync();
    var address = server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
    options.ServerUrl = address;
    // Whoever calls the public address in here reaches this server, whatever the name means outside.
    options.PublicUrl = server.Configuration["PUBLIC_URL"];
    options.NodeUrls = [address];
    var shown = address.Replace("127.0.0.1", "localhost", StringComparison.Ordinal);
    Console.WriteLine($"""

          Ledgerline runs, with every provider played by the sandbox. No account needed.

            try it        {shown}/try      sign in, speak, read, buy, watch the balance
            reference     {shown}/docs
            server        {shown}
            sandbox       {sandboxAddress}     what arrived, mail, clock, faults

          Ctrl-C ends both.

        """);
    await server.WaitForShutdownAsync();
    await sandbox.StopAsync();
    return 0;
}
catch (IOException failure) when (failure.InnerException is SocketException or Microsoft.AspNetCore.Connections.AddressInUseException)
{
    await Console.Error.WriteLineAsync($"A port is taken: {failure.Message} Set PORT or SANDBOX_PORT to a free one.");
    return 1;
}
