using System.Globalization;
using System.Text.Json;
using Ledgerline.Kernel;
using Ledgerline.Nodes;
using Ledgerline.Persistence;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;

namespace Ledgerline.Chat;

/// <summary>
/// The lists of rooms as they are sent, kept for five minutes and shared between nodes. Each has its version in its name, and the version is asked for with every
/// request: what was changed on whichever node is in the next list. Many such questions share one look at the database.
/// </summary>
internal sealed class RoomLists
{
    private static readonly TimeSpan Kept = TimeSpan.FromMinutes(5);

    private readonly SharedCache lists;
    private readonly GroupRead<AccountId, Version> versions;
    private readonly RoomDesk desk;
    private readonly JsonSerializerOptions json;

    public RoomLists(Database database, RoomDesk desk, SharedCache lists, IOptions<JsonOptions> json)
    {
        (this.desk, this.lists, this.json) = (desk, lists, json.Value.SerializerOptions);
        versions = new GroupRead<AccountId, Version>(database, ReadVersions);
    }

    /// <summary>The whole list as JSON.</summary>
    public async ValueTask<byte[]> Of(AccountId account, CancellationToken stop)
    {
        // A list that is read after its version is never older than it.
        var version = (await versions.Read(account, stop))?.RoomsVersion ?? 0;
        var key = string.Create(CultureInfo.InvariantCulture, $"rooms:{account}:{version}");
        if (await lists.Get(key, Kept) is { } known)
        {
            return known;
        }

        var list = JsonSerializer.SerializeToUtf8Bytes((await desk.List(account, null, null, stop)).Select(RoomShown.Of), json);
        lists.Set(key, list, Kept);
        return list;
    }

    private static async Task<IReadOnlyDictionary<AccountId, Version>> ReadVersions(Session session, IReadOnlyList<AccountId> accounts, CancellationToken stop) =>
        (await session.ListFor<Version, Asked>(
            "SELECT a.account_id, a.rooms_version FROM {rows} CROSS JOIN chat_accounts a WHERE a.account_id = r.account",
            [.. accounts.Select(account => new Asked(account))],
            stop)).ToDictionary(row => row.AccountId);

    private readonly record struct Asked(AccountId Account);

    private sealed class Version
    {
        public AccountId AccountId { get; init; }
        public long RoomsVersion { get; init; }
    }
}
