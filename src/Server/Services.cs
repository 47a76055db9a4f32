using Ledgerline.Billing;
using Ledgerline.Billing.Subscriptions;
using Ledgerline.Calls;
using Ledgerline.Calls.Answering;
using Ledgerline.Calls.Bridge;
using Ledgerline.Calls.Browser;
using Ledgerline.Calls.Live;
using Ledgerline.Calls.Scheduling;
using Ledgerline.Calls.Status;
using Ledgerline.Chat;
using Ledgerline.Gateway;
using Ledgerline.Gateway.V1.Realtime;
using Ledgerline.Identity;
using Ledgerline.Jobs;
using Ledgerline.Kernel;
using Ledgerline.Nodes;
using Ledgerline.Notices;
using Ledgerline.Persistence;
using Ledgerline.Plans;
using Ledgerline.Providers.Wire;
using Ledgerline.Realtime;
using Ledgerline.Scenarios;
using Ledgerline.Transcription;
using Ledgerline.Usage;
using Ledgerline.Usage.Recorded;
using Ledgerline.Wallet;

namespace Ledgerline;

/// <summary>What is registered, and who listens to what: one screen.</summary>
internal static class Services
{
    public static void AddLedgerline(this IServiceCollection services, IConfiguration settings, IHostEnvironment environment)
    {
        services.AddSingleton<Ids>();
        services.AddSingleton(_ => Database.Open(
            settings["DATABASE_URL"] ?? settings["TURSO_DB_URL"] ?? "sqlite:data/ledgerline.db", settings["TURSO_AUTH_TOKEN"]));
        services.AddNodes(settings);
        services.AddSingleton<JobSignal>();
        services.AddSingleton<JobQueue>();
        services.AddSingleton<Outbox>();
        // A node that only answers requests leaves the jobs to others.
        if (!string.Equals(settings["RUN_JOBS"]?.Trim(), "false", StringComparison.OrdinalIgnoreCase))
        {
            services.AddHostedService<JobRunner>();
        }

        services.AddIdentity(new ProviderSettings(settings, environment));
        services.AddRealtime();
        services.AddNotices(new ProviderSettings(settings, environment));
        services.AddSingleton<Ledger>();
        services.AddSingleton<LedgerAudit>();
        services.AddSingleton<Budgets>();
        services.AddPlans(settings, environment);
        services.AddScenarios(settings);
        services.AddBilling(new ProviderSettings(settings, environment));
        services.AddUsage(settings);
        services.AddGateway(new ProviderSettings(settings, environment));
        services.AddTranscription();
        services.AddChat(ChatOptions.From(new ProviderSettings(settings, environment)));
        services.AddBrowserCalls();
        services.AddBridge(new ProviderSettings(settings, environment));
        services.AddCalls(new ProviderSettings(settings, environment));
        services.AddSingleton<UsageOfPeriod>(provider => async (account, from, until, stop) =>
            (await provider.GetRequiredService<ServiceUsage>().Sums(account, from, until, stop))
                .ToDictionary(sum => sum.Service, sum => new CurrentUsage(sum.Amount, sum.CostCents, sum.Unit)));
        services.AddSingleton(provider => Listen(provider.GetRequiredService<ChatOptions>()));
    }

    private static Listeners Listen(ChatOptions chat)
    {
        var jobs = new Listeners();
        jobs.Every<WalletSweepDue>(SweepWallets.Interval).Run<SweepWallets>();
        jobs.Every<IdentitySweepDue>(SweepIdentity.Interval).Run<SweepIdentity>();
        jobs.Every<RateLimitSweepDue>(SweepRateLimits.Interval).Run<SweepRateLimits>();
        jobs.Every<IdempotencySweepDue>(SweepIdempotency.Interval).Run<SweepIdempotency>();
        jobs.On<AccountCreated>().Within<StartTrial>();
        jobs.Every<AllowanceSweepDue>(SweepAllowances.Interval).Run<SweepAllowances>();
        jobs.On<SessionEnded>().Within<EndStreams>();
        jobs.Every<ForgetEventsDue>(ForgetEvents.Interval).Run<ForgetEvents>();
        jobs.On<NoticeWaiting>().Run<SendNotice>();
        jobs.Every<ForgetNoticesDue>(ForgetNotices.Interval).Run<ForgetNotices>();
        jobs.On<BalanceChanged>().Within<PushBalance>();
        jobs.On<CheckoutNewsWaiting>().Run<SettleCheckout>();
        jobs.Every<CheckoutReviewDue>(ReviewCheckouts.Interval).Run<ReviewCheckouts>();
        jobs.On<PlanChanged>().Within<QueuePlanSync>();
        jobs.On<CatalogueSyncDue>().Run<SyncCatalogue>();
        jobs.On<CustomerNewsWaiting>().Run<SettleCustomer>();
        jobs.On<TwoPlansOfOneProduct>().Run<EndSpareSubscriptions>();
        jobs.On<SubscriptionReviewDue>().Run<ReviewSubscription>();
        jobs.On<PayAsYouGoUsed>().Within<QueueMeteredUsage>();
        jobs.On<MeteredUsageDue>().Run<ReportUsage>();
        jobs.Every<RealtimeReviewDue>(ReviewRealtime.Interval).Run<ReviewRealtime>();
        jobs.On<LateUsageDue>().Run<BillLateUsage>();
        jobs.On<MessagePosted>().Run<ReplyToMessage>(ReplyToMessage.Style(chat));
        jobs.On<CallEnded>().Run<SettleCall>();
        jobs.On<InboundAnswered>().Run<LimitInbound>();
        jobs.On<RecordingDue>().Run<BeginRecording>();
        jobs.On<ScenarioDeleted>().Within<FailScheduled>();
        jobs.On<ScheduledCallDue>().Run<DialScheduled>(DialScheduled.Style);
        jobs.Every<CallReviewDue>(ReviewCalls.Interval).Run<ReviewCalls>();
        jobs.Every<BrowserCallReviewDue>(ReviewBrowserCalls.Interval).Run<ReviewBrowserCalls>();
        jobs.Every<StrayCallsDue>(EndStrayCalls.Interval).Run<EndStrayCalls>();
        jobs.Every<ReconciliationDue>(ReconcileWithStripe.Interval).Run<ReconcileWithStripe>();
        return jobs;
    }
}
