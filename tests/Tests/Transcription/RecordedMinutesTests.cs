using Ledgerline.Usage.Recorded;
using Microsoft.Extensions.DependencyInjection;
using Tests.Persistence;
using Tests.World;
using Xunit;

namespace Tests.Transcription;

/// <summary>A transcription records its started minutes by itself, once, and its price in credits stays what it is.</summary>
public sealed class RecordedMinutesTests
{
    [Theory, EveryDatabase]
    public async Task A_settled_transcription_is_shown_once_and_billed_to_nobody(string engine)
    {
        await using var world = await TestWorld.Start(engine);
        var customer = await Customer.New(world, credits: 10);
        Assert.Equal(5, (await customer.Transcribe(Recordings.Wav(61, "Hello."))).Body.GetProperty("credits_used").GetInt64());
        Assert.Equal(1, (await customer.Transcribe(Recordings.Wav(1, "Hello."))).Body.GetProperty("credits_used").GetInt64());
        Assert.Equal(402, (await customer.Transcribe(Recordings.Wav(600))).Status);
        Assert.Equal(4, (await customer.Wallet()).Available);

        var sum = Assert.Single(await world.Services.GetRequiredService<ServiceUsage>().Sums(customer.Id, BillingMonth.Of(world.Clock.GetUtcNow())));
        Assert.Equal(new ServiceSum("transcription", 3, 6, "minutes", 2), sum);
        Assert.Equal(0, await world.Database.Read(session => session.One<long>(
            "SELECT COUNT(*) FROM service_usage s WHERE is_billed OR NOT EXISTS (SELECT 1 FROM usage_records u WHERE u.account_id = s.account_id AND u.hold_id = s.resource)")));
    }
}
