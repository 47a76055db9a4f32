using System.Net.Sockets;
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
    await using var server = ServerApp.Build(args, builder =>
    {
        builder.Environment.EnvironmentName = "Development";
        builder.Configuration["SANDBOX_URL"] ??= sandboxAddress;
        builder.Services.AddSingleton<TimeProvider>(clock);
    });
    await server.BringUpToDate();
    await server.StartAsync();
    var address = server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
    options.ServerUrl = address;
    Console.WriteLine($"""

          Ledgerline runs, with every provider played by the sandbox. No account needed.

            server        {address}
            reference     {address}/docs
            sandbox       {sandboxAddress}   (what arrived, mail, clock, faults)

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
