using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Ledgerline;
using Ledgerline.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Soak;
using Tests.World;
using Xunit;

namespace Tests.Http;

/// <summary>The program as an operator starts it: a process of its own.</summary>
public sealed class StartTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Production_without_its_secret_and_its_database_says_so_and_stops()
    {
        using var server = Start(new() { ["ASPNETCORE_ENVIRONMENT"] = "Production" });

        var said = await Ended(server, 1);

        Assert.Equal(
            [
                "Ledgerline does not start: SECRET_KEY is not set: give a long random text, the same on every node, and keep it.",
                "Ledgerline does not start: DATABASE_URL is not set: give postgres://user:password@host/database, libsql://database.turso.io, or sqlite:/path/to/file.",
            ],
            said);
    }

    [Theory]
    [InlineData("PORT", "eighty", "PORT must be a port number")]
    [InlineData("LOG_LEVEL", "loud", "LOG_LEVEL must be one of")]
    [InlineData("ALLOWED_ORIGINS", "*", "ALLOWED_ORIGINS must hold origins")]
    [InlineData("FRONTEND_URL", "app", "FRONTEND_URL must hold origins")]
    [InlineData("TRUSTED_PROXIES", "10.0.0.0/8, everybody", "TRUSTED_PROXIES must hold addresses or networks")]
    [InlineData("PUBLIC_URL", "https://", "PUBLIC_URL must be an address")]
    [InlineData("SHUTDOWN_DRAIN_SECONDS", "-1", "SHUTDOWN_DRAIN_SECONDS must be a whole number")]
    [InlineData("RATELIMIT_SIGN_IN", "few", "RATELIMIT_SIGN_IN must be a whole number")]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT", "collector", "OTEL_EXPORTER_OTLP_ENDPOINT must be an address")]
    [InlineData("RATELIMIT_OTP_SEND_HOUR", "few", "RATELIMIT_OTP_SEND_HOUR must be a whole number")]
    [InlineData("OTP_ECHO_IN_RESPONSE", "perhaps", "OTP_ECHO_IN_RESPONSE must be true or false")]
    [InlineData("ACCESS_TOKEN_EXPIRE_MINUTES", "soon", "ACCESS_TOKEN_EXPIRE_MINUTES must be a whole number")]
    [InlineData("DATABASE_URL", "mysql://localhost", "DATABASE_URL must begin with")]
    public void A_setting_that_makes_no_sense_stops_the_start_with_a_sentence(string name, string value, string sentence)
    {
        var refused = Assert.ThrowsAny<Exception>(() =>
        {
            using var app = Build("Development", (name, value));
            if (StartupChecks.Faults(app.Services) is { Count: > 0 } faults)
            {
                throw new RefusedStart(faults);
            }

            app.Services.GetService(typeof(Ledgerline.Persistence.Database));
        });

        Assert.StartsWith(sentence, Assert.Single(StartupChecks.Explain(refused)!), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("SECRET_KEY", "thirty-one characters of secret")]
    [InlineData("JWT_SECRET", "short")]
    public void Production_refuses_a_secret_that_could_be_guessed(string name, string secret)
    {
        using var app = Build("Production", (name, secret), ("DATABASE_URL", "sqlite:unused.db"));
        Assert.Equal("SECRET_KEY has fewer than 32 characters: give a long random text, the same on every node, and keep it.", Assert.Single(StartupChecks.Faults(app.Services)));

        using var longer = Build("Production", (name, secret + ", and more of it"), ("DATABASE_URL", "sqlite:unused.db"));
        Assert.Equal(secret.Length < 16, StartupChecks.Faults(longer.Services).Count > 0);
    }

    [Fact]
    public void A_server_that_would_record_people_without_a_word_says_so()
    {
        (string, string)[] settings =
        [
            ("SECRET_KEY", new string('x', 20) + "0123456789abcdef"), ("DATABASE_URL", "sqlite:unused.db"), ("PUBLIC_URL", "https://ledgerline.example"),
            ("TWILIO_ACCOUNT_SID", "AC00000000000000000000000000000001"), ("TWILIO_AUTH_TOKEN", "00000000000000000000000000000001"),
        ];
        Assert.Contains("Business calls are recorded and nobody is told", Assert.Single(Warnings("Production", settings)), StringComparison.Ordinal);
        Assert.Empty(Warnings("Production", [.. settings, ("CALL_RECORDING_NOTICE", "This call is recorded.")]));
        Assert.Empty(Warnings("Production", settings[..3]));
        Assert.Empty(Warnings("Development", settings));

        static IReadOnlyList<string> Warnings(string environment, (string, string)[] settings)
        {
            using var logs = new LogLines();
            using var app = ServerApp.Build([$"--environment={environment}"], builder =>
            {
                builder.Configuration.Sources.Clear();
                builder.Configuration.AddInMemoryCollection(settings.ToDictionary(setting => setting.Item1, string? (setting) => setting.Item2));
                builder.Logging.AddProvider(logs);
            });
            return [.. logs.All.Where(line => line.StartsWith("Warning", StringComparison.Ordinal) && line.Contains("recorded", StringComparison.Ordinal))];
        }
    }

    [Fact]
    public async Task A_port_that_is_taken_and_a_database_that_is_not_there_are_said_without_a_stack()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        await using var database = await TestDatabase.New("sqlite");
        using var second = Start(new() { ["ASPNETCORE_ENVIRONMENT"] = "Development", ["LOG_LEVEL"] = "ERROR", ["PORT"] = $"{((IPEndPoint)taken.LocalEndpoint).Port}", ["DATABASE_URL"] = database.Url });
        Assert.Contains("address already in use", Assert.Single(await Ended(second, 1)), StringComparison.Ordinal);

        using var alone = Start(new() { ["ASPNETCORE_ENVIRONMENT"] = "Development", ["DATABASE_URL"] = $"postgres://app@127.0.0.1:{FreePort()}/nothing" });
        Assert.StartsWith("Ledgerline does not start: the database of DATABASE_URL cannot be used", Assert.Single(await Ended(alone, 1)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task In_production_it_logs_json_lines_listens_and_ends_at_the_signal()
    {
        await using var database = await TestDatabase.New("sqlite");
        using var server = Start(new()
        {
            ["ASPNETCORE_ENVIRONMENT"] = "Production",
            ["SECRET_KEY"] = "thirty-two characters of a secret!",
            ["DATABASE_URL"] = database.Url,
            ["PORT"] = "0",
            ["BIND"] = "127.0.0.1",
        });
        List<string> lines = [];
        Uri? address = null;
        while (address is null)
        {
            lines.Add(await server.StandardOutput.ReadLineAsync().WaitAsync(Patience) ?? throw new InvalidOperationException("The server ended by itself."));
            address = NodeProcess.AddressIn(JsonDocument.Parse(lines[^1]).RootElement.GetProperty("Message").GetString());
        }

        var rest = server.StandardOutput.ReadToEndAsync();
        using var client = new HttpClient { BaseAddress = address };
        await TestWorld.Until(() => Answers(client), "the server answers /health");
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/")).StatusCode);

        // The shell has it built in; a program of that name is not on every machine.
        using (var kill = Process.Start("sh", ["-c", $"kill -TERM {server.Id}"]))
        {
            await kill.WaitForExitAsync();
        }

        await server.WaitForExitAsync().WaitAsync(Patience);
        Assert.Equal(0, server.ExitCode);
        var logged = lines.Concat((await rest).Split('\n', StringSplitOptions.RemoveEmptyEntries)).Select(line => JsonDocument.Parse(line).RootElement).ToList();
        var request = Assert.Single(logged, line => line.GetProperty("Category").GetString() == typeof(RequestLog).FullName);
        Assert.Equal("/", request.GetProperty("State").GetProperty("Route").GetString());
        Assert.Equal(200, request.GetProperty("State").GetProperty("Status").GetInt32());
    }

    [Fact]
    public async Task A_verb_that_does_not_exist_is_answered_with_those_that_do()
    {
        using var server = Start(new() { ["ASPNETCORE_ENVIRONMENT"] = "Development" }, "dance");

        var said = server.StandardOutput.ReadToEndAsync();
        await server.WaitForExitAsync().WaitAsync(Patience);

        Assert.Equal(2, server.ExitCode);
        Assert.Equal("There is no verb dance. Use migrate, audit, journal, reconcile, admin create EMAIL or keys rotate, or nothing to serve.", (await said).Trim());
    }

    [Theory]
    [InlineData("Development", null, "http://127.0.0.1:8000")]
    [InlineData("Production", null, "http://0.0.0.0:8000")]
    [InlineData("Production", "::1", "http://[::1]:8000")]
    [InlineData("Development", "192.0.2.1", "http://192.0.2.1:8000")]
    public void It_listens_for_this_machine_in_development_and_for_all_in_production(string environment, string? bind, string address) =>
        Assert.Equal(address, Listener.Address(Settings.Of(("BIND", bind)), Settings.Environment(environment)));

    [Theory]
    [InlineData("api.example.org", "https://api.example.org/call-status")]
    [InlineData("https://api.example.org/", "https://api.example.org/call-status")]
    [InlineData(" http://localhost:8000 ", "http://localhost:8000/call-status")]
    [InlineData("https://example.org/voice/", "https://example.org/voice/call-status")]
    public void The_public_address_is_the_same_however_it_is_written(string setting, string url)
    {
        var address = PublicUrl.Read(Settings.Of(("PUBLIC_URL", setting)), Settings.Environment("Production"))!;

        Assert.Equal(url, address.At("/call-status"));
        Assert.Equal(url, address.At("call-status"));
    }

    [Fact]
    public void Without_a_public_address_development_is_this_machine_and_production_has_none()
    {
        Assert.Equal("http://localhost:8000/x", PublicUrl.Read(Settings.Of(), Settings.Environment("Development"))!.At("x"));
        Assert.Null(PublicUrl.Read(Settings.Of(), Settings.Environment("Production")));
    }

    private static async Task<bool> Answers(HttpClient client)
    {
        try
        {
            using var answer = await client.GetAsync("/health");
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private static async Task<string[]> Ended(Process server, int code)
    {
        var (errors, output) = (server.StandardError.ReadToEndAsync(), server.StandardOutput.ReadToEndAsync());
        await server.WaitForExitAsync().WaitAsync(Patience);
        Assert.Equal(code, server.ExitCode);
        Assert.DoesNotContain("   at ", await output + await errors, StringComparison.Ordinal);
        return (await errors).Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    // Of this process' own settings none.
    private static WebApplication Build(string environment, params (string Name, string Value)[] settings) => ServerApp.Build([$"--environment={environment}"], builder =>
    {
        builder.Configuration.Sources.Clear();
        builder.Configuration.AddInMemoryCollection(settings.ToDictionary(setting => setting.Name, string? (setting) => setting.Value));
    });

    private static Process Start(Dictionary<string, string> environment, params string[] words) =>
        Process.Start(NodeProcess.Dotnet(typeof(ServerApp).Assembly.Location, environment, words))!;

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
