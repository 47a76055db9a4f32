using Ledgerline.Persistence;
using Tests.World;

namespace Tests.Transcription;

/// <summary>Makes the database refuse every usage record while it is on, as a disk or a network in trouble would.</summary>
internal sealed class DatabaseTrouble
{
    private readonly Database database;

    private DatabaseTrouble(Database database) => this.database = database;

    public static async Task<DatabaseTrouble> With(TestWorld world, string engine)
    {
        string[] statements = engine != "postgres"
            ?
            [
                "CREATE TABLE trouble (id integer)",
                """
                CREATE TRIGGER in_trouble BEFORE INSERT ON usage_records WHEN (SELECT COUNT(*) FROM trouble) > 0
                BEGIN SELECT RAISE(ABORT, 'disk full'); END
                """,
            ]
            :
            [
                "CREATE TABLE trouble (id integer)",
                """
                CREATE FUNCTION in_trouble() RETURNS trigger LANGUAGE plpgsql AS
                $$ BEGIN IF EXISTS (SELECT 1 FROM trouble) THEN RAISE EXCEPTION 'disk full' USING ERRCODE = '53100'; END IF; RETURN NEW; END $$
                """,
                "CREATE TRIGGER in_trouble BEFORE INSERT ON usage_records FOR EACH ROW EXECUTE FUNCTION in_trouble()",
            ];
        foreach (var statement in statements)
        {
            await world.Database.Write(transaction => transaction.Execute(statement));
        }

        return new DatabaseTrouble(world.Database);
    }

    public Task Begin() => database.Write(transaction => transaction.Execute("INSERT INTO trouble (id) VALUES (1)"));

    public Task End() => database.Write(transaction => transaction.Execute("DELETE FROM trouble"));
}
