using Ledgerline.Persistence.Turso;
using Xunit;

namespace Tests.Persistence.Turso;

public sealed class SqlTextTests
{
    [Theory]
    [InlineData("SELECT 1", false)]
    [InlineData("SELECT 1;", false)]
    [InlineData("SELECT 1; -- the end\n /* really */ ;; ", false)]
    [InlineData("SELECT ';' || \"a;b\" || `c;d` || [e;f] -- ;x\n /* ;y */", false)]
    [InlineData("SELECT 'it''s; fine'", false)]
    [InlineData("SELECT 1; SELECT 2", true)]
    [InlineData("SELECT 1;'two'", true)]
    [InlineData("-- one;\nSELECT 1;\n-- two\nSELECT 2", true)]
    [InlineData("CREATE TRIGGER t AFTER INSERT ON x BEGIN SELECT 1; END", true)]
    [InlineData("SELECT 1 - -1; - 2", true)]
    [InlineData("SELECT 'never closed; SELECT 2", false)]
    [InlineData("", false)]
    public void Several_statements_are_told_from_one(string sql, bool script) => Assert.Equal(script, SqlText.IsScript(sql));

    [Theory]
    [InlineData("SELECT 1", true)]
    [InlineData("  -- why\n /* how */ select(1)", true)]
    [InlineData("VALUES (1)", true)]
    [InlineData("EXPLAIN SELECT 1", true)]
    [InlineData("SELECTED", false)]
    [InlineData("WITH a AS (SELECT 1) INSERT INTO x SELECT * FROM a", false)]
    [InlineData("INSERT INTO x VALUES (1)", false)]
    [InlineData("-- nothing", false)]
    [InlineData("", false)]
    public void What_only_reads_may_be_asked_again(string sql, bool reads) => Assert.Equal(reads, SqlText.OnlyReads(sql));
}
