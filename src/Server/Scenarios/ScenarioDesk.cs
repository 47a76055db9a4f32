using System.Globalization;
using Ledgerline.Identity;
using Ledgerline.Jobs;
using Ledgerline.Kernel;
using Ledgerline.Persistence;

namespace Ledgerline.Scenarios;

/// <summary>The door to scenarios: the built-in ones that are switched on, and those that accounts wrote, as they stand in the database now.</summary>
public sealed class ScenarioDesk
{
    private readonly Database database;
    private readonly Accounts accounts;
    private readonly Outbox outbox;
    private readonly TimeProvider clock;
    private readonly Dictionary<string, Scenario> builtIns;

    internal ScenarioDesk(Database database, Accounts accounts, Outbox outbox, TimeProvider clock, ScenarioOptions options)
    {
        (this.database, this.accounts, this.outbox, this.clock) = (database, accounts, outbox, clock);
        builtIns = AllBuiltIns.List.Where(scenario => !options.Disabled.Contains(scenario.Id)).ToDictionary(scenario => scenario.Id);
    }

    /// <summary>Null when there is none of this id, or the operator switched it off.</summary>
    public Scenario? BuiltIn(string id) => builtIns.GetValueOrDefault(id);

    /// <summary>What an account means by a name: a built-in's id, the id of a scenario of its own, or the number of that one's row.</summary>
    public async Task<ScenarioFound> Find(AccountId account, string named, CancellationToken stop = default)
    {
        if (BuiltIn(named) is { } builtIn)
        {
            return new ScenarioFound(builtIn, false);
        }

        return await Look(named, stop) is not { } custom ? new ScenarioFound(null, false)
            : custom.AccountId == account ? new ScenarioFound(custom.Played(), false)
            : new ScenarioFound(null, true);
    }

    /// <summary>Whosever it is: for who was told the id by us. Null when it is gone or switched off.</summary>
    public async Task<Scenario?> Read(string id, CancellationToken stop = default) =>
        BuiltIn(id) ?? (ScenarioName.Read(id).ScenarioId is not null ? (await Look(id, stop))?.Played() : null);

    /// <summary>The account's own, the oldest first.</summary>
    public Task<IReadOnlyList<CustomScenario>> List(AccountId account, CancellationToken stop = default) => database.Read(
        session => session.List<CustomScenario>(
            $"SELECT {CustomScenario.Columns} FROM custom_scenarios WHERE account_id = @account ORDER BY created_at, scenario_id", new { account }, stop),
        stop);

    /// <summary>Null when the account has none of this id or number.</summary>
    public async Task<CustomScenario?> Own(AccountId account, string named, CancellationToken stop = default) =>
        await Look(named, stop) is { } custom && custom.AccountId == account ? custom : null;

    /// <summary>What stands in the ids of an account's scenarios; asked before the transaction in which one is made.</summary>
    public async Task<long> NumberOf(AccountId account, CancellationToken stop = default) =>
        (await accounts.Find(account, stop) ?? throw new InvalidOperationException($"There is no account {account}.")).Number;

    /// <summary>Makes one; whether there may be one more is not asked here.</summary>
    /// <param name="id">New, from <see cref="Ids.Number"/>.</param>
    /// <param name="accountNumber">See <see cref="NumberOf"/>.</param>
    public async Task<CustomScenario> Create(
        Transaction transaction, AccountId account, long accountNumber, long id, ScenarioDraft draft, CancellationToken stop = default)
    {
        var now = clock.GetUtcNow();
        // Of several in one second each takes the next: ids are not given twice, on whichever node.
        var second = await transaction.One<long>(
            """
            INSERT INTO scenario_seconds (account_id, last_second) VALUES (@account, @second)
            ON CONFLICT (account_id) DO UPDATE SET last_second =
                CASE WHEN scenario_seconds.last_second >= excluded.last_second THEN scenario_seconds.last_second + 1 ELSE excluded.last_second END
            RETURNING last_second
            """,
            new { account, second = now.ToUnixTimeSeconds() },
            stop);
        var made = new CustomScenario
        {
            AccountId = account,
            Id = id,
            ScenarioId = ScenarioName.IdOf(accountNumber, second),
            Name = draft.Name,
            Persona = draft.Persona,
            Prompt = draft.Prompt,
            VoiceType = draft.VoiceType,
            TemperatureText = Text(draft.Temperature),
            CreatedAt = now,
        };
        transaction.Defer(
            """
            INSERT INTO custom_scenarios (account_id, id, scenario_id, name, persona, prompt, voice_type, temperature, created_at, updated_at)
            SELECT r.account, r.id, r.scenario_id, r.name, r.persona, r.prompt, r.voice_type, r.temperature, r.now, r.now FROM {rows}
            """,
            new NewScenario(account, id, made.ScenarioId, made.Name, made.Persona, made.Prompt, made.VoiceType, made.TemperatureText, now));
        return made;
    }

    /// <summary>Changes what is not null; a name of no characters takes the name away. Null when the account has none of this id or number.</summary>
    public Task<CustomScenario?> Change(
        AccountId account, string named, string? name, string? persona, string? prompt, string? voiceType, decimal? temperature, CancellationToken stop = default)
    {
        var wanted = ScenarioName.Read(named);
        return !wanted.MayExist ? Task.FromResult<CustomScenario?>(null) : database.Write(
            transaction => transaction.Maybe<CustomScenario>(
                $"""
                UPDATE custom_scenarios SET name = CASE WHEN @name = '' THEN NULL ELSE COALESCE(@name, name) END, persona = COALESCE(@persona, persona),
                    prompt = COALESCE(@prompt, prompt), voice_type = COALESCE(@voiceType, voice_type), temperature = COALESCE(@temperature, temperature),
                    updated_at = @now
                WHERE account_id = @account AND {Where(wanted)} RETURNING {CustomScenario.Columns}
                """,
                new
                {
                    account,
                    wanted.ScenarioId,
                    wanted.RowId,
                    name,
                    persona,
                    prompt,
                    voiceType,
                    temperature = temperature is { } given ? Text(given) : null,
                    now = clock.GetUtcNow(),
                },
                stop),
            stop);
    }

    /// <summary>Deletes it and tells who is to play it later. Null when the account has none of this id or number.</summary>
    public async Task<CustomScenario?> Delete(Transaction transaction, AccountId account, string named, CancellationToken stop = default)
    {
        var wanted = ScenarioName.Read(named);
        if (!wanted.MayExist || await transaction.Maybe<CustomScenario>(
            $"DELETE FROM custom_scenarios WHERE account_id = @account AND {Where(wanted)} RETURNING {CustomScenario.Columns}",
            new { account, wanted.ScenarioId, wanted.RowId },
            stop) is not { } deleted)
        {
            return null;
        }

        await outbox.Publish(transaction, new ScenarioDeleted(account, deleted.ScenarioId, deleted.Id), stop: stop);
        return deleted;
    }

    private Task<CustomScenario?> Look(string named, CancellationToken stop)
    {
        var wanted = ScenarioName.Read(named);
        return !wanted.MayExist ? Task.FromResult<CustomScenario?>(null) : database.Read(
            session => session.Maybe<CustomScenario>(
                $"SELECT {CustomScenario.Columns} FROM custom_scenarios WHERE {Where(wanted)}", new { wanted.ScenarioId, wanted.RowId }, stop),
            stop);
    }

    private static string Where(ScenarioName wanted) => wanted.RowId is null ? "scenario_id = @ScenarioId" : "id = @RowId";

    private static string Text(decimal temperature) => temperature.ToString(CultureInfo.InvariantCulture);

    private readonly record struct NewScenario(
        AccountId Account, long Id, string ScenarioId, string? Name, string Persona, string Prompt, string VoiceType, string Temperature, DateTimeOffset Now);
}
