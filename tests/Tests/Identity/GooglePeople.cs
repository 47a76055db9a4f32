using System.Text.Json;
using Ledgerline.Identity;
using Ledgerline.Kernel;
using Ledgerline.Persistence;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Primitives;
using Tests.World;
using Xunit;

namespace Tests.Identity;

/// <summary>Drives the door of Google sign-in as the two clients do; the consent page is the sandbox's.</summary>
internal sealed class GooglePeople(TestWorld world, IServiceProvider? node = null)
{
    private static readonly Dictionary<string, StringValues> Browser = new() { ["Sec-Fetch-Mode"] = "cors", ["Sec-Fetch-Site"] = "same-origin" };

    private readonly IServiceProvider services = node ?? world.Services;

    /// <summary>Accounts that the door called new, in the transaction that made them.</summary>
    public List<AccountId> Welcomed { get; } = [];

    /// <summary>Set to make the welcome fail.</summary>
    public Exception? WelcomeFails { get; set; }

    public GoogleSignIn Door => services.GetRequiredService<GoogleSignIn>();

    /// <summary>The address and, for a browser, the cookie it was given.</summary>
    public async Task<(GoogleStart Start, string? Cookie)> Start(Dictionary<string, StringValues>? headers = null)
    {
        var context = Context(headers);
        var start = await Door.Start(context, default);
        return (start, context.Response.Headers.SetCookie is [{ } cookie] ? cookie : null);
    }

    public Task<(GoogleStart Start, string? Cookie)> StartInBrowser() => Start(Browser);

    /// <summary>Presses Allow, or whatever the control room is told; answers where Google sends the browser.</summary>
    public async Task<Dictionary<string, StringValues>> Consent(string authUrl, string email = "jane@example.com", string? sub = null, object? more = null)
    {
        var asked = JsonSerializer.SerializeToNode(new { email, sub, auth_url = authUrl })!.AsObject();
        foreach (var (name, value) in JsonSerializer.SerializeToNode(more ?? new { })!.AsObject().ToList())
        {
            asked[name] = value?.DeepClone();
        }

        var answer = await world.Control("/_sandbox/google/sign-in", asked);
        return QueryHelpers.ParseQuery(new Uri(answer.Text("redirect_url")!).Query);
    }

    public Task<GoogleOutcome> ComeBack(Dictionary<string, StringValues> query, string? cookie = null)
    {
        string? Value(string name) => query.TryGetValue(name, out var value) ? value.ToString() : null;
        var headers = cookie is null ? null : new Dictionary<string, StringValues> { ["Cookie"] = cookie.Split(';')[0] };
        return Door.FromBrowser(Context(headers), Value("code"), Value("state"), Value("error"), Welcome, default);
    }

    /// <summary>As the desktop client: gets the address, rewrites it, catches the code, drops the state, posts the code.</summary>
    public async Task<GoogleOutcome> FromDesktop(string email = "jane@example.com", string? sub = null, object? more = null)
    {
        var (start, _) = await Start();
        var rewritten = start.AuthUrl.Replace("redirect_uri=", "redirect_uri=http://localhost:18080/callback&", StringComparison.Ordinal);
        var query = await Consent(rewritten, email, sub, more);
        return await Post(query["code"].ToString());
    }

    public Task<GoogleOutcome> Post(string? code) => Door.FromDesktop(code, Welcome, default);

    /// <summary>How the next ID token shall be wrong.</summary>
    public Task Spoil(object fault) => world.Control("/_sandbox/google/id-token", fault);

    /// <summary>The refusal's one sentence.</summary>
    public static string? Failure(GoogleOutcome outcome)
    {
        Assert.Null(outcome.SignedIn);
        var (status, body) = (outcome.Refusal!.Status, JsonSerializer.SerializeToElement(((IValueHttpResult)outcome.Refusal).Value));
        Assert.Equal(StatusCodes.Status400BadRequest, status);
        return body.Text("Detail");
    }

    public static GoogleSignedIn Success(GoogleOutcome outcome)
    {
        Assert.True(outcome.SignedIn is not null, outcome.Refusal is null ? "neither" : Failure(outcome));
        Assert.Null(outcome.Refusal);
        return outcome.SignedIn;
    }

    private Task Welcome(Transaction transaction, AccountId account, CancellationToken stop)
    {
        if (WelcomeFails is { } failure)
        {
            throw failure;
        }

        transaction.OnCommit(() =>
        {
            lock (Welcomed)
            {
                Welcomed.Add(account);
            }
        });
        return Task.CompletedTask;
    }

    private DefaultHttpContext Context(Dictionary<string, StringValues>? headers)
    {
        var context = new DefaultHttpContext { RequestServices = services };
        foreach (var (name, value) in headers ?? [])
        {
            context.Request.Headers[name] = value;
        }

        return context;
    }
}
