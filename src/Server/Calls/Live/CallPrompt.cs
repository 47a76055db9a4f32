using System.Globalization;
using System.Text;
using Ledgerline.Calls.Status;
using Ledgerline.Scenarios;

namespace Ledgerline.Calls.Live;

/// <summary>What the agent is told before it speaks.</summary>
internal static class CallPrompt
{
    public static string Of(Scenario scenario, CallRow call, DateTimeOffset now) => Of(
        scenario, call.UserName, now,
        "You are on the phone: speak naturally, in short turns, and never read out lists, links or formatting. "
        + (call.Direction == CallDirection.Outbound ? "You placed this call." : "The person called you."));

    /// <summary>For somebody who talks with the agent in a browser.</summary>
    public static string InBrowser(Scenario scenario, string? userName, DateTimeOffset now) => Of(
        scenario, userName, now, "You are on a voice call: speak naturally, in short turns, and never read out lists, links or formatting. The person called you; greet them first.");

    private static string Of(Scenario scenario, string? userName, DateTimeOffset now, string place)
    {
        var text = new StringBuilder(scenario.Persona).Append("\n\n").Append(scenario.Prompt).Append("\n\n").Append(place);
        if (Name(userName) is { } name)
        {
            text.Append(CultureInfo.InvariantCulture, $" The person you work for is called {name}; address them by their name occasionally.");
        }

        text.Append(CultureInfo.InvariantCulture, $" Today is {now.UtcDateTime:dddd, d MMMM yyyy} (UTC).");
        text.Append(" When the conversation is over, or when you are told privately that little time is left, say goodbye in your role.");
        return text.ToString();
    }

    // A name is a name: what somebody hides in it are no instructions.
    private static string? Name(string? userName) =>
        userName is { } name && string.Concat(name.Where(letter => char.IsLetterOrDigit(letter) || letter is ' ' or '-' or '\'' or '.')).Trim() is { Length: > 0 } kept
            ? kept[..Math.Min(60, kept.Length)]
            : null;
}
