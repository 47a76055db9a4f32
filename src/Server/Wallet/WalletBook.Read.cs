namespace Ledgerline.Wallet;

/// <summary>What was read beside the lots that can be spent.</summary>
internal sealed partial class WalletBook
{
    /// <summary>A lot that was read by its key because nothing of it may be left to spend.</summary>
    public void Join(Lot lot)
    {
        var known = lots.Find(other => other.Id == lot.Id);
        if (known is null)
        {
            Add(lot);
        }
        else
        {
            known.GrantKey = lot.GrantKey;
        }

        lotsByKey[lot.GrantKey!] = known ?? lot;
    }

    /// <summary>A lot that was not there when the others were read; one that is known already is left as it is in the hand.</summary>
    public void Discover(Lot lot)
    {
        if (!lots.Exists(other => other.Id == lot.Id))
        {
            Add(lot);
            PostedMicro += lot.RemainingMicro;
            HeldMicro += lot.HeldMicro;
        }
    }

    /// <summary>A hold that was read.</summary>
    public void Join(HoldRow hold) => holds[hold.Id] = hold;

    /// <summary>A budget that was read.</summary>
    public void Join(BudgetRow budget) => budgets[budget.Name] = budget;

    /// <summary>A budget nobody has used yet is empty.</summary>
    public BudgetRow Budget(string name)
    {
        if (!budgets.TryGetValue(name, out var budget))
        {
            budgets[name] = budget = BudgetRow.Of(name, 0, 0);
        }

        return budget;
    }

    public HoldRow? FindHold(string id) => holds.GetValueOrDefault(id);

    public Lot? FindLot(string grantKey) => lotsByKey.GetValueOrDefault(grantKey);
}
