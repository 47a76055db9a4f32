using Ledgerline.Calls.Answering;
using Ledgerline.Calls.Bridge;
using Ledgerline.Calls.Dialling;
using Ledgerline.Calls.Live;
using Ledgerline.Calls.Log;
using Ledgerline.Calls.Scheduling;
using Ledgerline.Calls.Status;
using Ledgerline.Http;
using Ledgerline.Identity;
using Ledgerline.Jobs;
using Ledgerline.Kernel;
using Ledgerline.Numbers;
using Ledgerline.Persistence;
using Ledgerline.Plans;
using Ledgerline.Providers.Twilio;
using Ledgerline.Providers.Wire;
using Ledgerline.Scenarios;
using Ledgerline.Usage;
using Ledgerline.Usage.Recorded;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Ledgerline.Calls;

/// <summary>Registers phone calls.</summary>
internal static class CallsServices
{
    public static void AddCalls(this IServiceCollection services, ProviderSettings settings)
    {
        services.AddSingleton(CallOptions.From(settings));
        services.AddSingleton(provider => provider.GetRequiredService<PriceBook>().Voices);
        services.AddSingleton<NumberDesk>();
        services.AddSingleton<CallNewsDesk>();
        services.AddSingleton<CallDesk>();
        services.AddTransient(provider => new Carrier(
            provider.GetRequiredService<TwilioCalls>(), provider.GetRequiredService<Database>(), provider.GetRequiredService<CallOptions>(),
            provider.GetRequiredService<TimeProvider>(), provider.GetService<PublicUrl>()));
        services.AddTransient<SettleCall>();
        AddDialling(services);
        AddAnswering(services);
        services.AddSingleton(provider => new CallLog(
            provider.GetRequiredService<Database>(), provider.GetRequiredService<Accounts>(), provider.GetRequiredService<ServiceUsage>(), provider.GetRequiredService<TimeProvider>()));
    }

    private static void AddDialling(IServiceCollection services)
    {
        services.AddSingleton<DialQueue>();
        services.AddHostedService(provider => provider.GetRequiredService<DialQueue>());
        services.AddSingleton<DoNotCall>();
        services.AddTransient(provider => new Dialer(
            provider.GetRequiredService<Database>(), provider.GetRequiredService<Meter>(), provider.GetRequiredService<Carrier>(), provider.GetRequiredService<DialQueue>(),
            provider.GetRequiredService<NumberDesk>(), provider.GetRequiredService<DoNotCall>(), provider.GetRequiredService<Accounts>(), provider.GetRequiredService<CallDesk>(),
            provider.GetRequiredService<LiveCalls>(), provider.GetRequiredService<Leases>(), provider.GetRequiredService<Ids>(), provider.GetRequiredService<CallOptions>(), provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<Dialer>>()));
        services.AddTransient<DialAnswers>();
        services.AddSingleton(provider => new Schedule(
            provider.GetRequiredService<Database>(), provider.GetRequiredService<Outbox>(), provider.GetRequiredService<Ids>(), provider.GetRequiredService<CallOptions>().RepeatWindow,
            provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(provider => new ScheduleDesk(
            provider.GetRequiredService<Schedule>(), provider.GetRequiredService<ScenarioDesk>(), provider.GetRequiredService<Meter>(), provider.GetRequiredService<Offers>(),
            provider.GetRequiredService<Idempotency>(), provider.GetRequiredService<CallOptions>()));
    }

    private static void AddAnswering(IServiceCollection services)
    {
        services.AddSingleton<StreamTokens>();
        services.AddTransient(provider => new CarrierDoor(
            provider.GetRequiredService<TwilioSignature>(), provider.GetRequiredService<RateLimiter>(), provider.GetService<PublicUrl>()));
        services.AddTransient(provider => ActivatorUtilities.CreateInstance<AnswerCall>(provider));
        services.AddTransient<HearCarrier>();
        services.AddTransient<CallTools>();
        services.AddTransient<CallAgents>();
        services.AddSingleton<WarmAgents>();
        services.TryAddTransient<IStreamDoor, StreamDoor>();
        services.AddSingleton<NotesCourier>();
        services.AddHostedService(provider => provider.GetRequiredService<NotesCourier>());
    }
}
