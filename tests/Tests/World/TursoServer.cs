using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Sandbox.Core;
using Sandbox.Turso;

namespace Tests.World;

/// <summary>The libSQL server of this test run: a sandbox of its own, on real time. Every database on it is new and empty.</summary>
internal static class TursoServer
{
    private static readonly Lazy<Task<WebApplication>> Server = new(Start);

    /// <summary>Names a database, made when it is first used, and answers its address.</summary>
    /// <param name="file">What it begins with, as <see cref="Save"/> wrote it; null: it is empty.</param>
    public static async Task<string> NewDatabase(string? file = null)
    {
        var name = $"test_{Guid.NewGuid():N}";
        if (file is not null)
        {
            (await Server.Value).Services.GetRequiredService<TursoWorld>().Begin(name, file);
        }

        return $"{SandboxApp.AddressOf(await Server.Value)}/turso/dev/{name}";
    }

    /// <summary>Writes down what a database holds.</summary>
    public static async Task Save(string database, string file) =>
        (await Server.Value).Services.GetRequiredService<TursoWorld>().Save(new Uri(database).Segments[^1], file);

    /// <summary>Removes a database before the run ends; what nobody drops goes with the server.</summary>
    public static async Task Drop(string database) => (await Server.Value).Services.GetRequiredService<TursoWorld>().Drop(new Uri(database).Segments[^1]);

    private static async Task<WebApplication> Start()
    {
        // A node that is killed leaves its stream, and with it the write lock, for so long.
        var server = SandboxApp.Build(new SandboxOptions { TursoStreamIdle = TimeSpan.FromSeconds(3) });
        await server.StartAsync();
        AppDomain.CurrentDomain.ProcessExit += (_, _) => server.Services.GetRequiredService<TursoWorld>().Clear();
        return server;
    }
}
