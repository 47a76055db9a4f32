using Ledgerline.Kernel;
using Ledgerline.Persistence;

namespace Ledgerline.Wallet;

/// <summary>One thing to do to one wallet: decided on the wallet in the hand, together with whatever else waits for the ledger.</summary>
internal abstract class LedgerOperation(AccountId account, string unit)
{
    public AccountId Account => account;
    public string Unit => unit;

    /// <summary>Whether the wallet's own row is locked first. Only a hold needs no more than the lots.</summary>
    public virtual bool TakesWallet => true;

    /// <summary>What it reserves when it does nothing else; 0 when it does anything else.</summary>
    public virtual long ReservesMicro => 0;

    /// <summary>The holds it is about, which must be read.</summary>
    public virtual IReadOnlyList<string> Holds => [];

    /// <summary>The business key of the lot it is about, which must be read though nothing of it may be left.</summary>
    public virtual string? GrantKey => null;

    /// <summary>The budget it is counted in besides those of its holds.</summary>
    public virtual string? Budget => null;

    /// <summary>The kind of the news when the balance changes by it.</summary>
    public abstract string Kind { get; }

    /// <summary>Why it could not be done: its caller gets this, and nobody else is disturbed.</summary>
    public KeyNotFoundException? Fault { get; protected set; }

    /// <summary>True when it was decided that nothing happens.</summary>
    public virtual bool IsRefused => false;

    /// <summary>Decides. May be called again after its transaction was lost.</summary>
    public abstract void Decide(WalletBook book, DateTimeOffset now);

    /// <summary>What else belongs into the transaction.</summary>
    public virtual Task Within(Transaction transaction) => Task.CompletedTask;

    public abstract void Answer();

    public abstract void Fail(Exception failure);

    public abstract void Cancel(CancellationToken stop);
}

/// <inheritdoc/>
internal abstract class LedgerOperation<T>(AccountId account, string unit) : LedgerOperation(account, unit)
{
    private readonly TaskCompletionSource<T> done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private T? result;

    /// <summary>Ends when its transaction is durable, or why it is not.</summary>
    public Task<T> Done => done.Task;

    /// <summary>What was decided.</summary>
    public T Result => Fault is null ? result! : throw Fault;

    public sealed override void Decide(WalletBook book, DateTimeOffset now)
    {
        Fault = null;
        result = Decided(book, now);
    }

    public override void Answer()
    {
        if (Fault is null)
        {
            done.TrySetResult(result!);
        }
        else
        {
            done.TrySetException(Fault);
        }
    }

    public override void Fail(Exception failure) => done.TrySetException(failure);

    public override void Cancel(CancellationToken stop) => done.TrySetCanceled(stop);

    protected abstract T Decided(WalletBook book, DateTimeOffset now);
}
