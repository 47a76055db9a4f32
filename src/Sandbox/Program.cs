using Sandbox.Core;

var app = SandboxApp.Build(SandboxOptions.FromEnvironment());
await app.StartAsync();
Console.WriteLine($"Sandbox on {SandboxApp.AddressOf(app)}");
await app.WaitForShutdownAsync();
