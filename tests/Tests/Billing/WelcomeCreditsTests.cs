using Ledgerline.Billing;
using Tests.Persistence;
using Xunit;

namespace Tests.Billing;

public sealed class WelcomeCreditsTests
{
    [Theory, EveryDatabase]
    public async Task A_person_gets_them_once_whatever_becomes_of_the_account(string engine)
    {
        await using var shop = await Shop.Open(engine);
        var (first, second) = (await shop.NewCustomer(), await shop.NewCustomer());
        var granted = await Task.WhenAll(Enumerable.Range(0, 6).Select(i => Welcome(shop, i % 2 == 0 ? first : second, "google:1")));

        Assert.Equal([0, 0, 0, 0, 0, 100], granted.Order());
        Assert.Equal(100, await first.Credits() + await second.Credits());
        Assert.Equal(100, await Welcome(shop, first, "google:2"));
        Assert.Equal(("signup_bonus", 100, "Welcome bonus credits"), (await first.Rows())[0] is var row ? (row.TransactionType, row.Amount, row.Description) : default);
    }

    [Fact]
    public async Task The_operator_decides_how_many()
    {
        await using var shop = await Shop.Open(settings: new() { ["FREE_CREDITS"] = "7" });
        var customer = await shop.NewCustomer();
        Assert.Equal(7, await Welcome(shop, customer, "google:1"));
        Assert.Equal(7, await customer.Credits());
    }

    [Fact]
    public async Task None_at_all_when_switched_off()
    {
        await using var shop = await Shop.Open(settings: new() { ["FREE_CREDITS"] = "0" });
        var customer = await shop.NewCustomer();
        Assert.Equal(0, await Welcome(shop, customer, "google:1"));
        Assert.Empty(await customer.Rows());
    }

    private static Task<long> Welcome(Shop shop, Customer customer, string person) =>
        shop.World.Database.Write(transaction => shop.Get<WelcomeCredits>().Grant(transaction, customer.Account, person));
}
