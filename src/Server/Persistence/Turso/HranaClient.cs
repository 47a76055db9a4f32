using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Ledgerline.Persistence.Turso;

/// <summary>One libSQL server, reached over connections that are kept: sends a pipeline, reads its answer, repeats nothing.</summary>
internal sealed class HranaClient : IDisposable
{
    private const int LongestReason = 200;

    // Longer than the server lets a writer wait for another.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly HttpMessageInvoker http;
    private readonly AuthenticationHeaderValue? authorization;

    /// <param name="place">Where the server is, and the token it asks for.</param>
    /// <param name="handler">Sends the requests; null: over the network.</param>
    public HranaClient(TursoAddress place, HttpMessageHandler? handler = null)
    {
        Address = place.Address;
        authorization = place.Token is null ? null : new AuthenticationHeaderValue("Bearer", place.Token);
        // An invoker and not an HttpClient: there is nothing to be added to a request, and the time limit is ours.
        http = new HttpMessageInvoker(handler ?? new SocketsHttpHandler
        {
            ConnectTimeout = TimeSpan.FromSeconds(5),
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30),
            AllowAutoRedirect = false,
            UseCookies = false,
        });
    }

    public Uri Address { get; }

    /// <param name="request">What the server shall do.</param>
    /// <param name="at">Where the stream is served, when the server has said so.</param>
    /// <exception cref="HranaUnanswered">There is no answer to it.</exception>
    public async Task<HranaAnswer> Send(HranaRequest request, Uri? at, CancellationToken stop)
    {
        using var limit = new CancellationTokenSource(Patience, TimeProvider.System);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, stop);
        using var message = new HttpRequestMessage(HttpMethod.Post, new Uri(at ?? Address, "v3/pipeline")) { Content = new ReadOnlyMemoryContent(request.Done()) };
        message.Headers.Authorization = authorization;
        message.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        try
        {
            using var answer = await http.SendAsync(message, either.Token);
            if (!answer.IsSuccessStatusCode)
            {
                throw Refusal(answer.StatusCode, await answer.Content.ReadAsByteArrayAsync(either.Token));
            }

            await using var body = await answer.Content.ReadAsStreamAsync(either.Token);
            using var json = await JsonDocument.ParseAsync(body, cancellationToken: either.Token);
            return HranaParser.Read(json.RootElement, request);
        }
        catch (OperationCanceledException late) when (!stop.IsCancellationRequested)
        {
            throw new HranaUnanswered(HranaTrouble.TimedOut, $"The database did not answer within {Patience.TotalSeconds} s.", late);
        }
        catch (Exception broken) when (broken is HttpRequestException or IOException)
        {
            throw new HranaUnanswered(HranaTrouble.Unreachable, $"The database at {Address.Host} cannot be reached: {broken.Message}", broken);
        }
        catch (Exception nonsense) when (nonsense is JsonException or FormatException)
        {
            throw new HranaUnanswered(HranaTrouble.Unreadable, $"The database's answer cannot be read: {nonsense.Message}", nonsense);
        }
    }

    /// <summary>Where the rest of a stream is served. A token that travelled encrypted never travels in the clear afterwards.</summary>
    /// <exception cref="HranaUnanswered">The server names an address that no stream can be at.</exception>
    public Uri? Follow(Uri? at, string? baseUrl)
    {
        if (baseUrl is null)
        {
            return at;
        }

        var https = (at ?? Address).Scheme == Uri.UriSchemeHttps;
        return Uri.TryCreate(baseUrl.TrimEnd('/') + "/", UriKind.Absolute, out var next) && (next.Scheme == Uri.UriSchemeHttps || (next.Scheme == Uri.UriSchemeHttp && !https))
            ? next
            : throw new HranaUnanswered(HranaTrouble.Unreadable, $"The database sends its stream to {baseUrl}, which is no address to follow.");
    }

    public void Dispose() => http.Dispose();

    private static HranaUnanswered Refusal(HttpStatusCode status, byte[] body)
    {
        var error = HranaParser.Refusal(body);
        var reason = error?.Message ?? Encoding.UTF8.GetString(body).ReplaceLineEndings(" ").Trim();
        reason = reason.Length > LongestReason ? reason[..LongestReason] + "…" : reason;
        return status switch
        {
            HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden =>
                new(HranaTrouble.Unauthorized, $"The database refuses the token in TURSO_AUTH_TOKEN ({(int)status}): {reason}"),
            HttpStatusCode.BadRequest when error?.Code == "STREAM_EXPIRED" => new(HranaTrouble.StreamExpired, reason),
            HttpStatusCode.BadRequest when reason.Contains("baton", StringComparison.OrdinalIgnoreCase) || error?.Code?.StartsWith("STREAM_", StringComparison.Ordinal) == true =>
                new(HranaTrouble.StreamUnknown, reason),
            HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError => new(HranaTrouble.Failing, $"The database failed with {(int)status}: {reason}"),
            _ => new(HranaTrouble.Refused, $"The database takes no such request ({(int)status}): {reason}"),
        };
    }
}
