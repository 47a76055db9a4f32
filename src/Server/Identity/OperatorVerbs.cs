using Ledgerline.Kernel;
using Ledgerline.Persistence;

namespace Ledgerline.Identity;

/// <summary>What the operator does on the server itself: <c>admin create EMAIL</c> and <c>keys rotate</c>. Each answers what to print.</summary>
public sealed class OperatorVerbs
{
    private const int PasswordBytes = 18;

    private readonly Database database;
    private readonly Accounts accounts;
    private readonly Passwords passwords;
    private readonly SigningKeys keys;
    private readonly Ids ids;

    internal OperatorVerbs(Database database, Accounts accounts, Passwords passwords, SigningKeys keys, Ids ids) =>
        (this.database, this.accounts, this.passwords, this.keys, this.ids) = (database, accounts, passwords, keys, ids);

    /// <summary>
    /// Makes an administrator of the password account with this e-mail, else of the only Google account that has it, else of a new
    /// account whose password is in the answer and nowhere else.
    /// </summary>
    public async Task<OperatorAnswer> CreateAdmin(string email, CancellationToken stop = default)
    {
        var address = EmailAddress.Normalize(email);
        if (!EmailAddress.IsPlausible(address))
        {
            return new(false, "admin create needs an e-mail address, such as admin@example.com.");
        }

        var password = ids.Secret(PasswordBytes);
        var hash = await passwords.Hash(password, stop);
        return await database.Write(
            async transaction =>
            {
                var existing = await Accounts.FindByEmail(transaction, address, stop);
                if (existing.Count > 1)
                {
                    return new OperatorAnswer(false, $"{existing.Count} accounts have this e-mail and none of them signs in with a password: nobody was promoted.");
                }

                var created = existing.Count == 0
                    ? await accounts.Create(transaction, new NewAccount(IdentityKind.Password, address, address, PasswordHash: hash), stop)
                    : null;
                var account = created ?? existing[0];
                await accounts.MakeAdmin(transaction, account, stop);
                return new OperatorAnswer(
                    true,
                    created is null
                        ? $"Account {account}, which existed already, is an administrator now."
                        : $"Account {account} is new and an administrator. Its password, shown only now: {password}");
            },
            stop);
    }

    /// <summary>Publishes a new signing key; nobody is signed out.</summary>
    public async Task<OperatorAnswer> RotateKeys(CancellationToken stop = default)
    {
        await keys.Prepare(stop);
        return await keys.Rotate(stop) is { } key
            ? new(true, $"Signing key {key.Number} is published and signs from {key.SignsFrom.Iso()}; the others verify until their last token is over.")
            : new(true, "Another node has rotated the signing key at this moment.");
    }
}

/// <summary>What an operator's verb came to.</summary>
public sealed record OperatorAnswer(bool Done, string Sentence);
