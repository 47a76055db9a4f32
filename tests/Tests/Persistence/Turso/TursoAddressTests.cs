using Ledgerline.Persistence;
using Ledgerline.Persistence.Turso;
using Xunit;

namespace Tests.Persistence.Turso;

public sealed class TursoAddressTests
{
    [Theory]
    [InlineData("libsql://db-org.turso.io", null, "https://db-org.turso.io/", null)]
    [InlineData("libsql://db-org.turso.io", " token ", "https://db-org.turso.io/", "token")]
    [InlineData("libsql://db-org.turso.io?authToken=own%2B", "other", "https://db-org.turso.io/", "own+")]
    [InlineData("libsql://127.0.0.1:8080?tls=0", "", "http://127.0.0.1:8080/", null)]
    [InlineData("libsql://db.example:8443/path/", null, "https://db.example:8443/path/", null)]
    [InlineData("https://db-org.turso.io/", null, "https://db-org.turso.io/", null)]
    [InlineData("http://127.0.0.1:8001/turso", null, "http://127.0.0.1:8001/turso/", null)]
    public void It_is_read_as_libSQLs_own_tools_read_it(string url, string? setting, string address, string? token)
    {
        Assert.True(TursoAddress.Is(url));
        Assert.Equal(new TursoAddress(new Uri(address), token), TursoAddress.Parse(url, setting));
    }

    [Theory]
    [InlineData("libsql:")]
    [InlineData("http://")]
    [InlineData("libsql:///nothing")]
    public void What_names_no_server_is_refused_in_a_sentence(string url) =>
        Assert.Contains("is not an address of a libSQL server", Assert.Throws<FormatException>(() => Database.Open(url)).Message, StringComparison.Ordinal);
}
