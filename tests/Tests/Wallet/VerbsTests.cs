using Ledgerline;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Tests.Persistence;
using Tests.World;
using Xunit;

namespace Tests.Wallet;

/// <summary>The operator's verbs about the books, as the program runs them.</summary>
public class VerbsTests
{
    [Theory, EveryDatabase]
    public async Task Audit_ends_with_0_when_every_book_balances_and_with_1_and_a_line_a_difference_when_not(string engine)
    {
        await using var place = await TestDatabase.New(engine);
        await using var app = Build(place.Url);
        await app.BringUpToDate();

        Assert.Equal(
            (0, "Every book balances: 0 wallets, 0 transactions, 0 entries, 0 holds, 0 usage records, 0 recorded uses, 0 reservations, 0 payments, 0 subscriptions and 0 chat messages were added up again."), await Run(app, "audit"));

        await using var database = await place.Open();
        await database.Write(transaction => transaction.Execute("INSERT INTO wallets (account_id, unit, owed_micro) VALUES ('nobody', 'credit', 5)"));
        Assert.Equal(
            (1, """
                0.000005 credit are owed in the credit wallet of account nobody where its entries add to 0 credit: 0.000005 credit too much.
                1 difference: 1 wallets, 0 transactions, 0 entries, 0 holds, 0 usage records, 0 recorded uses, 0 reservations, 0 payments, 0 subscriptions and 0 chat messages were added up again.
                """),
            await Run(app, "audit"));
    }

    [Theory, EveryDatabase]
    public async Task Journal_writes_what_hledger_accepts_and_refuses_odd_options(string engine)
    {
        await using var place = await TestDatabase.New(engine);
        await using var app = Build(place.Url);
        await app.BringUpToDate();

        var (code, journal) = await Run(app, "journal", "--unit", "credit");

        Assert.Equal(0, code);
        Assert.Equal((0, ""), await Hledger.Run(journal, "check", "--strict"));
        Assert.Equal((2, "--unit needs a value: journal takes --account ID, --unit NAME, --from YYYY-MM-DD and --to YYYY-MM-DD (UTC, --to not included)."), await Run(app, "journal", "--unit"));
    }

    private static WebApplication Build(string url) => ServerApp.Build(
        ["--environment=Development"],
        builder => builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?> { ["DATABASE_URL"] = url, ["LOG_LEVEL"] = "ERROR" }));

    private static async Task<(int Code, string Said)> Run(WebApplication app, params string[] words)
    {
        using var output = new StringWriter();
        var (code, lines) = await Verbs.Run(app, words, output);
        return (code, output + string.Join('\n', lines));
    }
}
