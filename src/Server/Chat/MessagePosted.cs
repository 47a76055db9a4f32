using System.Globalization;
using Ledgerline.Jobs;
using Ledgerline.Kernel;

namespace Ledgerline.Chat;

/// <summary>A message was accepted and waits for its answer. The messages of a room are answered one after another.</summary>
/// <param name="Key">Names what pays for the answer.</param>
public sealed record MessagePosted(AccountId Account, long Room, long Message, string Key) : IInLane
{
    public string Lane => string.Create(CultureInfo.InvariantCulture, $"chat {Account} {Room}");
}
