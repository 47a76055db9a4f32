using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Hosting;

namespace Tests.Http;

/// <summary>Settings and environments made on the spot.</summary>
internal static class Settings
{
    public static IConfiguration Of(params (string Name, string? Value)[] values) =>
        new ConfigurationBuilder().AddInMemoryCollection(values.ToDictionary(value => value.Name, value => value.Value)).Build();

    public static IHostEnvironment Environment(string name) => new Named { EnvironmentName = name };

    private sealed class Named : IHostEnvironment
    {
        public string EnvironmentName { get; set; } = "";
        public string ApplicationName { get; set; } = "";
        public string ContentRootPath { get; set; } = "";
        public IFileProvider ContentRootFileProvider { get; set; } = new NullFileProvider();
    }
}
