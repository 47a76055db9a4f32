using Ledgerline.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Tests.House;

public sealed class RouteMapTests
{
    private static readonly string Committed = Repository.Path("routes.txt");

    [Fact]
    public void TheCommittedMapIsTheTerritory()
    {
        var live = RouteMap.Text(RouteMap.Lines(RouteMap.Live()));
        if (Environment.GetEnvironmentVariable("APPROVE") == "1")
        {
            File.WriteAllText(Committed, live);
        }

        var written = File.Exists(Committed) ? File.ReadAllText(Committed) : "";
        Assert.True(live == written, $"routes.txt is not what the server answers. APPROVE=1 bin/test --filter RouteMap writes this:\n{live}");
    }

    [Fact]
    public void EveryRouteSaysWhoMayCallItAndWhatLimitsIt() =>
        Sentences.None(RouteMap.Live().Select(RouteMap.Objection));

    [Fact]
    public void ALineSaysMethodPathFileCallerAndLimit()
    {
        var text = RouteMap.Text(RouteMap.Lines(Sample(app =>
        {
            app.MapPost("things/{id}", () => "").RequireAuthorization().WithMetadata(RateLimit.Purchases);
            app.MapGet("/things", () => "").RequireAuthorization("operators").AllowAnonymous().WithMetadata(RateLimit.None);
            app.MapPost("/hook", () => "").AllowAnonymous().WithMetadata(new SignedBy("Stripe"), RateLimit.None);
        })));

        Assert.Equal(
            """
            METHOD  PATH          FILE   WHO MAY CALL      RATE LIMIT
            POST    /hook         Tests  signed by Stripe  none
            GET     /things       Tests  anyone            none
            POST    /things/{id}  Tests  signed in         purchases

            """,
            text);
    }

    [Fact]
    public void ASilentRouteIsNamed()
    {
        var objections = Sample(app =>
        {
            app.MapGet("/a", () => "").WithMetadata(RateLimit.None);
            app.MapGet("/b", () => "").RequireAuthorization();
            app.MapGet("/c", (CurrentAccount caller) => caller.SessionId).AllowAnonymous().WithMetadata(RateLimit.None);
            app.MapGet("/d", (CurrentAccount caller) => caller.SessionId).RequireAuthorization().WithMetadata(RateLimit.None);
        }).Select(RouteMap.Objection);

        Assert.Equal(
            [
                "GET /a does not say who may call it: require authorization, allow anonymous, or name who signs.",
                "GET /b does not say which rate limit counts it: RateLimit.None is an answer too.",
                "GET /c takes the current account but lets anyone in.",
                null,
            ],
            objections);
    }

    private static List<RouteEndpoint> Sample(Action<IEndpointRouteBuilder> map)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Services.AddAuthorization();
        using var app = builder.Build();
        map(app);
        return [.. ((IEndpointRouteBuilder)app).DataSources.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()];
    }
}
