using System.Globalization;
using Ledgerline.Providers.Wire;

namespace Ledgerline.Chat;

/// <summary>How the chat product answers.</summary>
/// <param name="RepliesAtOnce">On one node; the provider's own limit of concurrent requests belongs here.</param>
/// <param name="MostWaiting">Messages of one account that may be without an answer at a time: fair use of what has no daily limit.</param>
/// <param name="MostTokens">The most an answer may take, thinking included; what a room that is paid with credits must cover.</param>
/// <param name="SuccessUrl">Where Stripe's page leads after Pro was bought.</param>
public sealed record ChatOptions(int RepliesAtOnce, int MostWaiting, int MostTokens, string SuccessUrl, string CancelUrl)
{
    /// <summary>So many of a room's last messages the model is told.</summary>
    public const int History = 20;

    public const int LongestName = 200;
    public const int LongestContent = 8000;

    /// <summary>What is longer is cut.</summary>
    public const int LongestAnswer = 32_000;

    /// <summary>So often the provider is asked for one answer.</summary>
    public const int Attempts = 5;

    /// <summary>A provider that asks for longer is asked again after this.</summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);

    /// <summary>Instead of an answer that could not be had.</summary>
    public const string Sorry = "Sorry, I could not answer this message. Please try again.";

    public static ChatOptions From(ProviderSettings settings) => new(
        Whole(settings, "CHAT_REPLIES_AT_ONCE", 256),
        Whole(settings, "CHAT_MAX_WAITING", 100),
        Whole(settings, "CHAT_MAX_TOKENS", 4096),
        settings["CHAT_SUCCESS_URL"] ?? "http://localhost:3000/success",
        settings["CHAT_CANCEL_URL"] ?? "http://localhost:3000/cancel");

    private static int Whole(ProviderSettings settings, string name, int otherwise) => settings[name] is not { } text ? otherwise
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is > 0 and <= 100_000 ? number
        : throw new FormatException($"{name} must be a whole number from 1 to 100000.");
}
