using System.Globalization;
using Ledgerline.Kernel;
using Ledgerline.Providers.Wire;

namespace Ledgerline.Plans;

/// <summary>The sizes of trials, windows and grace, as the operator wants them.</summary>
internal sealed record PlanOptions
{
    private const string PricePrefix = "PLAN_PRICE_";
    private const int LongestDays = 3650;
    private const int MostCalls = 100_000;
    private const int LongestCall = 86_400;
    private static readonly Dictionary<string, string> NoPrices = [];

    public static readonly PlanOptions Default = new();

    public int TrialCallsMobile { get; init; } = 3;
    public int TrialCallsBusiness { get; init; } = 4;
    public TimeSpan TrialLength { get; init; } = TimeSpan.FromDays(7);

    /// <summary>How long a plan goes on whose payment is missing.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromDays(3);

    public int ExtensionCalls { get; init; } = 1;
    public TimeSpan ExtensionLength { get; init; } = TimeSpan.FromDays(3);

    /// <summary>So many trial calls have to be longer than <see cref="ExtensionMinSeconds"/>.</summary>
    public int ExtensionMinCalls { get; init; } = 2;

    public int ExtensionMinSeconds { get; init; } = 30;
    public int CallSecondsTrial { get; init; } = 60;
    public int CallSecondsBasic { get; init; } = 60;
    public int CallSecondsPremium { get; init; } = 120;
    public int CallSecondsWeekly { get; init; } = 120;
    public int CallSecondsBusiness { get; init; } = 3600;

    /// <summary>Messages in a calendar month without a plan that says another number.</summary>
    public int SmsMessagesDefault { get; init; } = 100;

    public int ScenariosDefault { get; init; } = 20;

    /// <summary>Chat messages in a UTC day without Pro.</summary>
    public int ChatDailyLimit { get; init; } = 5;

    /// <summary>Null: for ever.</summary>
    public TimeSpan? TranscriptRetentionDefault { get; init; } = TimeSpan.FromDays(30);

    public int AddOnCalls { get; init; } = 5;
    public TimeSpan AddOnLength { get; init; } = TimeSpan.FromDays(30);

    /// <summary>The App Store's id of the weekly plan.</summary>
    public string WeeklyProductId { get; init; } = "com.aifriendchat.premium.weekly.v2";

    /// <summary>Core plans can be deleted everywhere else.</summary>
    public bool IsProduction { get; init; }

    /// <summary>By plan, as the operator set them.</summary>
    private IReadOnlyDictionary<string, string> Prices { get; init; } = NoPrices;

    /// <exception cref="FormatException">A setting makes no sense; the message names it.</exception>
    public static PlanOptions Read(IConfiguration configuration, IHostEnvironment environment)
    {
        var settings = new ProviderSettings(configuration, environment);
        var options = new PlanOptions
        {
            TrialCallsMobile = Whole(settings, "TRIAL_CALLS_MOBILE", 3, 0, MostCalls),
            TrialCallsBusiness = Whole(settings, "TRIAL_CALLS_BUSINESS", 4, 0, MostCalls),
            TrialLength = TimeSpan.FromDays(Whole(settings, "TRIAL_DAYS", 7, 0, LongestDays)),
            Grace = TimeSpan.FromDays(Whole(settings, "GRACE_DAYS", 3, 0, LongestDays)),
            ExtensionCalls = Whole(settings, "TRIAL_EXTENSION_CALLS", 1, 0, MostCalls),
            ExtensionLength = TimeSpan.FromDays(Whole(settings, "TRIAL_EXTENSION_DAYS", 3, 0, LongestDays)),
            ExtensionMinCalls = Whole(settings, "TRIAL_EXTENSION_MIN_CALLS", 2, 1, MostCalls),
            ExtensionMinSeconds = Whole(settings, "TRIAL_EXTENSION_MIN_SECONDS", 30, 0, LongestCall),
            CallSecondsTrial = Whole(settings, "CALL_SECONDS_TRIAL", 60, 1, LongestCall),
            CallSecondsBasic = Whole(settings, "CALL_SECONDS_BASIC", 60, 1, LongestCall),
            CallSecondsPremium = Whole(settings, "CALL_SECONDS_PREMIUM", 120, 1, LongestCall),
            CallSecondsWeekly = Whole(settings, "CALL_SECONDS_WEEKLY", 120, 1, LongestCall),
            CallSecondsBusiness = Whole(settings, "CALL_SECONDS_BUSINESS", 3600, 1, LongestCall),
            SmsMessagesDefault = Whole(settings, "SMS_MESSAGES_DEFAULT", 100, 0, 1_000_000),
            ChatDailyLimit = Whole(settings, "CHAT_DAILY_LIMIT", 5, 0, 1_000_000),
            TranscriptRetentionDefault = Retention(settings),
            WeeklyProductId = settings["APP_STORE_PRODUCT_ID"] ?? Default.WeeklyProductId,
            IsProduction = environment.IsProduction(),
            Prices = configuration.AsEnumerable()
                .Where(setting => setting.Key.StartsWith(PricePrefix, StringComparison.OrdinalIgnoreCase) && !string.IsNullOrWhiteSpace(setting.Value))
                .ToDictionary(setting => setting.Key.ToUpperInvariant(), setting => setting.Value!.Trim()),
        };
        foreach (var (name, price) in options.Prices)
        {
            Cents(name, price);
        }

        return options;
    }

    /// <summary>The price that the operator set for a plan, else the one the product ships with.</summary>
    public Money Price(string planId, long cents) =>
        Money.Usd(Prices.TryGetValue(PricePrefix + planId.ToUpperInvariant(), out var own) ? Cents(PricePrefix + planId.ToUpperInvariant(), own) : cents);

    private static long Cents(string name, string text) =>
        decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var dollars) && dollars <= DollarText.Most
            && dollars * 100 == decimal.Truncate(dollars * 100)
            ? (long)(dollars * 100)
            : throw new FormatException($"{name} must be an amount in US dollars with at most two decimals, such as 49.99.");

    private static TimeSpan? Retention(ProviderSettings settings) =>
        settings["TRANSCRIPT_RETENTION_DEFAULT"] is not { } text ? Default.TranscriptRetentionDefault
        : PlanFeatures.TryStorage(text, out var kept) ? kept
        : throw new FormatException("TRANSCRIPT_RETENTION_DEFAULT must be a time such as 30_days or 1_year, or unlimited.");

    private static int Whole(ProviderSettings settings, string name, int otherwise, int least, int most) =>
        settings[name] is not { } text ? otherwise
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most ? number
        : throw new FormatException($"{name} must be a whole number from {least} to {most}.");
}
