using System.Data.Common;
using System.Net;
using Ledgerline.Persistence;
using Tests.Http;
using Xunit;

namespace Tests.Persistence.Turso;

public sealed class HranaErrorTests
{
    private const string Nothing = """{"cols":[],"rows":[],"affected_row_count":0,"last_insert_rowid":null}""";

    [Theory]
    [InlineData("""{"message":"SQLite error: UNIQUE constraint failed: things.id","code":"SQLITE_CONSTRAINT"}""", true)]
    [InlineData("""{"message":"constraint","code":"SQLITE_CONSTRAINT_PRIMARYKEY"}""", true)]
    [InlineData("""{"message":"constraint","code":"SQLITE_CONSTRAINT_UNIQUE"}""", true)]
    [InlineData("""{"message":"SQLite error: UNIQUE constraint failed: things.id"}""", true)]
    [InlineData("""{"message":"SQLite error: CHECK constraint failed: number > 0","code":"SQLITE_CONSTRAINT"}""", false)]
    [InlineData("""{"message":"NOT NULL constraint failed: things.id","code":"SQLITE_CONSTRAINT_NOTNULL"}""", false)]
    [InlineData("""{"message":"no such table: UNIQUE constraint failed","code":"SQLITE_ERROR"}""", false)]
    public async Task A_duplicate_is_told_by_code_or_by_words(string error, bool duplicate)
    {
        await using var database = new CannedServer(CannedServer.StepError(error)).Open();
        var failure = await Record.ExceptionAsync(() => database.Read(session => session.Execute("INSERT INTO things VALUES (1)")));
        Assert.IsAssignableFrom<DbException>(failure);
        Assert.Equal(duplicate, database.IsDuplicate(failure!));
    }

    [Theory]
    [InlineData("""{"baton":null,"base_url":null,"results":[]}""", "The database sent 0 results to 2 requests.")]
    [InlineData("""{"baton":null,"base_url":null,"results":[{"type":"ok","response":{"type":"batch","result":{"step_results":[],"step_errors":[]}}},{"type":"ok","response":{"type":"close"}}]}""", "The database sent 0 results to 1 steps.")]
    [InlineData("""{"baton":null,"base_url":null,"results":[{"type":"ok","response":{"type":"batch","result":{"step_results":[{"cols":[],"rows":[[{"type":"null"}]],"affected_row_count":0}],"step_errors":[null]}}},{"type":"ok","response":{"type":"close"}}]}""", "a row of 1 values under 0 columns")]
    [InlineData("""{"baton":null,"base_url":null,"results":[{"type":"ok","response":{"type":"batch","result":{"step_results":[{"cols":[{"name":"a","decltype":null}],"rows":[[{"type":"decimal","value":"1"}]],"affected_row_count":0}],"step_errors":[null]}}},{"type":"ok","response":{"type":"close"}}]}""", "a value of type decimal")]
    [InlineData("""{"baton":null,"base_url":null,"results":[{"type":"ok","response":{"type":"batch","result":{"step_results":[{"cols":[{"name":"a","decltype":null}],"rows":[[{"type":"integer","value":5}]],"affected_row_count":0}],"step_errors":[null]}}},{"type":"ok","response":{"type":"close"}}]}""", "is not what the protocol promises")]
    [InlineData("[]", "is not what the protocol promises")]
    [InlineData("<html>", "The database's answer cannot be read")]
    public async Task An_answer_that_is_none_is_refused_as_a_whole(string body, string sentence)
    {
        await using var database = new CannedServer(new CannedServer.Answer(body)).Open();
        var failure = await Assert.ThrowsAnyAsync<DbException>(() => database.Read(session => session.List<string>("SELECT a FROM things")));
        Assert.Contains(sentence, failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(400, "text/plain", "Received an invalid baton", "Received an invalid baton")]
    [InlineData(400, "application/json", """{"message":"The stream has expired due to inactivity","code":"STREAM_EXPIRED"}""", "The stream has expired due to inactivity")]
    [InlineData(400, "application/json", """{"message":"JSON parse error","code":null}""", "The database takes no such request (400): JSON parse error")]
    [InlineData(404, "text/html", "<html>\nnot here</html>", "The database takes no such request (404): <html> not here</html>")]
    [InlineData(401, "application/json", """{"error":"Unauthorized"}""", """The database refuses the token in TURSO_AUTH_TOKEN (401): {"error":"Unauthorized"}""")]
    [InlineData(502, "text/plain", "", "The database failed with 502: ")]
    public async Task A_refusal_may_be_text_or_json(int status, string type, string body, string sentence)
    {
        await using var database = new CannedServer(new CannedServer.Answer(body, (HttpStatusCode)status, type)).Open();
        var failure = await Assert.ThrowsAnyAsync<DbException>(() => database.Read(session => session.List<string>("SELECT a FROM things")));
        Assert.Equal(sentence, failure.Message);
    }

    [Fact]
    public async Task A_stream_that_began_encrypted_is_not_followed_into_the_open()
    {
        var server = new CannedServer(
            new CannedServer.Answer($$$"""
            {"baton":"b1","base_url":"http://elsewhere.test","results":[{"type":"ok","response":{"type":"batch","result":
            {"step_results":[{{{Nothing}}},{{{Nothing}}},{{{Nothing}}},{{{Nothing}}}],"step_errors":[null,null,null,null]} } }]}
            """));
        await using var database = server.Open("libsql://db.test");

        var failure = await Assert.ThrowsAnyAsync<DbException>(() => database.Write(transaction => transaction.Execute("DELETE FROM things")));

        Assert.Contains("http://elsewhere.test, which is no address to follow", failure.Message, StringComparison.Ordinal);
        Assert.Equal([new Uri("https://db.test/v3/pipeline")], server.Asked);
    }

    [Fact]
    public async Task A_wrong_token_is_said_in_a_sentence_and_the_node_is_not_ready()
    {
        await using var place = await TursoPlace.Start();
        await place.Sandbox.Post("/_sandbox/turso", new { auth_token = "right" });
        await using var wrong = place.Open(token: "wrong");
        var refused = await Assert.ThrowsAnyAsync<DbException>(() => Migrate.Run(wrong, TimeProvider.System));
        Assert.Equal(
            "The database refuses the token in TURSO_AUTH_TOKEN (401): Unauthorized: the token is not valid for this database", refused.Message);

        await place.Sandbox.Post("/_sandbox/turso", new { auth_token = "right" });
        await using var server = await EdgeServer.Start(settings: new() { ["DATABASE_URL"] = place.Url, ["TURSO_AUTH_TOKEN"] = "right" });
        Assert.Equal(HttpStatusCode.OK, (await server.Client.GetAsync("/health/ready")).StatusCode);
        await place.Sandbox.Post("/_sandbox/turso", new { auth_token = "changed" });
        server.Clock.Advance(TimeSpan.FromSeconds(2));
        using var ready = await server.Client.GetAsync("/health/ready");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        Assert.Contains("The database cannot be reached.", await ready.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        await place.Sandbox.Post("/_sandbox/turso", new { });
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_said_in_a_sentence()
    {
        await using var database = Database.Open("http://127.0.0.1:9");
        var failure = await Assert.ThrowsAnyAsync<DbException>(() => Migrate.Run(database, TimeProvider.System));
        Assert.Contains("The database at 127.0.0.1 cannot be reached", failure.Message, StringComparison.Ordinal);
    }
}
