using Ledgerline;
using Ledgerline.Kernel;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Tests.Transcription;
using Tests.World;
using Xunit;

namespace Tests.Gateway;

/// <summary>What may go through the door to the models, and what is believed of what comes back.</summary>
public sealed class ModelGatewayTests
{
    [Theory]
    [InlineData("whisper-1", null, null)]
    [InlineData("gpt-4o-mini-transcribe", null, null)]
    [InlineData("large-v3", "0.0", null)]
    [InlineData("large-v3", null, "OPENAI_TRANSCRIBE_MODEL large-v3 has no price: set OPENAI_TRANSCRIBE_COST_USD_PER_MINUTE to what its provider charges.")]
    public async Task A_model_without_a_price_stops_the_start(string model, string? cost, string? fault)
    {
        await using var app = Build(("OPENAI_TRANSCRIBE_MODEL", model), ("OPENAI_TRANSCRIBE_COST_USD_PER_MINUTE", cost));

        Assert.Equal(fault is null ? [] : [fault], app.Services.GetServices<StartupRule>().SelectMany(rule => rule.Faults()));
    }

    [Theory]
    [InlineData("OPENAI_TRANSCRIBE_COST_USD_PER_MINUTE", "cheap", "OPENAI_TRANSCRIBE_COST_USD_PER_MINUTE must be an amount in US dollars such as 0.006.")]
    [InlineData("OPENAI_TRANSCRIBE_COST_USD_PER_MINUTE", "-1", "OPENAI_TRANSCRIBE_COST_USD_PER_MINUTE must be an amount in US dollars such as 0.006.")]
    [InlineData("MAX_AUDIO_BYTES", "25MB", "MAX_AUDIO_BYTES must be a whole number from 1 to 4294967296.")]
    [InlineData("MAX_AUDIO_BYTES", "0", "MAX_AUDIO_BYTES must be a whole number from 1 to 4294967296.")]
    [InlineData("HOLD_LIFETIME_SECONDS", "60", "HOLD_LIFETIME_SECONDS must be a whole number from 120 to 86400.")]
    public void A_setting_that_cannot_be_read_stops_the_start(string name, string value, string sentence) =>
        Assert.Equal(sentence, Assert.Throws<FormatException>(() => Build((name, value))).Message);

    [Theory]
    [InlineData("")]
    [InlineData("/")]
    [InlineData("/v1")]
    [InlineData("/v1/")]
    public async Task A_model_of_the_operators_own_is_reached_and_costed(string suffix)
    {
        string? format = null;
        await using var provider = await StandInProvider.Start(async context =>
        {
            format = context.Request.ContentType;
            await context.Response.WriteAsync("""{"text":"From my own machine.","duration":"12.5"}""");
        });
        await using var world = await TestWorld.Start(settings: new(provider.Settings!)
        {
            ["OPENAI_BASE_URL"] = provider.Settings["OPENAI_BASE_URL"] + suffix,
            ["OPENAI_TRANSCRIBE_MODEL"] = "large-v3",
            ["OPENAI_TRANSCRIBE_COST_USD_PER_MINUTE"] = "0.001",
        });
        var customer = await Customer.New(world, credits: 10);

        Assert.Equal(
            """{"text":"From my own machine.","duration_seconds":12.5,"credits_used":1,"credits_remaining":9}""", (await customer.Transcribe(Recordings.Wav(12.5m))).Text);

        Assert.StartsWith("multipart/form-data", format, StringComparison.Ordinal);
        var usage = Assert.Single(await customer.Usage());
        // 0.001 USD a minute are 16.67 millionths a second, rounded up to 17.
        Assert.Equal(("large-v3", 213L, "provider_duration"), (usage.Model, usage.CostMicroUsd, usage.Basis));
    }

    // As large as twice the decoded length and ten minutes is believed; one second more is another recording's length.
    [Theory]
    [InlineData(640, 200)]
    [InlineData(641, 500)]
    public async Task A_measure_is_believed_within_reason(int seconds, int status)
    {
        await using var world = await TestWorld.Start();
        var customer = await Customer.New(world, credits: 100);
        await world.Says(new { usage = new { type = "duration", seconds }, duration = 20 });

        Assert.Equal(status, (await customer.Transcribe(Recordings.Wav(20))).Status);
        Assert.Equal(status == 200 ? 100 - 43 : 100, (await customer.Wallet()).Available);
    }

    private static WebApplication Build(params (string Name, string? Value)[] settings) => ServerApp.Build([], builder =>
    {
        builder.Environment.EnvironmentName = "Development";
        builder.Configuration.Sources.Clear();
        builder.Configuration.AddInMemoryCollection(settings.ToDictionary(one => one.Name, one => one.Value));
    });
}
