using Ledgerline.Kernel;

namespace Ledgerline.Billing;

/// <summary>Everything that is for sale, in the order it is shown. The price comes from here, never from a client.</summary>
public sealed class Packages(IReadOnlyList<Package> all)
{
    public static readonly Packages Default = new(
    [
        new Package("starter", "Starter Pack", 500, Money.Usd(499)),
        new Package("pro", "Pro Pack", 2000, Money.Usd(1499)),
        new Package("team", "Team Pack", 10000, Money.Usd(4999)),
    ]);

    public IReadOnlyList<Package> All => all;

    /// <summary>Null when nothing of that name is for sale.</summary>
    public Package? Find(string id) => all.FirstOrDefault(package => package.Id == id);
}
