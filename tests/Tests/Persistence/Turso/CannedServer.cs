using System.Net;
using System.Text;
using Ledgerline.Persistence;
using Ledgerline.Persistence.Engines;

namespace Tests.Persistence.Turso;

/// <summary>A server that says what it is told, however wrong, and remembers what it was asked.</summary>
internal sealed class CannedServer(params CannedServer.Answer[] answers) : HttpMessageHandler
{
    private readonly Queue<Answer> left = new(answers);

    public List<Uri> Asked { get; } = [];
    public List<string> Bodies { get; } = [];

    public sealed record Answer(string Body, HttpStatusCode Status = HttpStatusCode.OK, string Type = "application/json");

    public static Answer Step(string result) => Batch(result, "null");

    public static Answer StepError(string error) => Batch("null", error);

    public Database Open(string url = "http://db.test") => Database.Over(TursoEngine.Open(url, null, this, TimeSpan.Zero));

    private static Answer Batch(string results, string errors) => new($$$"""
        {"baton":null,"base_url":null,"results":[{"type":"ok","response":{"type":"batch","result":{"step_results":[{{{results}}}],"step_errors":[{{{errors}}}]} } },
        {"type":"ok","response":{"type":"close"}}]}
        """);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        Asked.Add(request.RequestUri!);
        Bodies.Add(await request.Content!.ReadAsStringAsync(cancellationToken));
        var (body, status, type) = left.Dequeue();
        return new HttpResponseMessage(status) { Content = new StringContent(body, Encoding.UTF8, type) };
    }
}
