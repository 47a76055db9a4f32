using System.Net;
using Ledgerline.Identity;
using Ledgerline.Providers.Google;
using Ledgerline.Providers.Wire;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting.Internal;
using Tests.Persistence;
using Xunit;

namespace Tests.Identity;

public sealed class OperatorTests
{
    [Theory, EveryDatabase]
    public async Task An_administrator_is_made_or_promoted(string engine)
    {
        await using var world = await People.World(engine);
        var verbs = world.Services.GetRequiredService<OperatorVerbs>();
        var made = await verbs.CreateAdmin(" Admin@Example.com");
        Assert.True(made.Done);
        var pair = await People.PairOf(await world.Client.LogIn("admin@example.com", made.Sentence.Split(' ')[^1]));
        Assert.True(await IsAdmin(pair.Access));

        var jane = await world.Client.SignUp("jane@example.com", "secret");
        Assert.False(await IsAdmin(jane.Access));
        var promoted = await verbs.CreateAdmin("jane@example.com");
        Assert.True(promoted.Done);
        Assert.Contains("existed already", promoted.Sentence);
        Assert.True(await IsAdmin(jane.Access));
        await People.PairOf(await world.Client.LogIn("jane@example.com", "secret"));

        Assert.False((await verbs.CreateAdmin("nobody")).Done);

        async Task<bool> IsAdmin(string token)
        {
            using var me = await world.Client.Send(HttpMethod.Get, "/users/me", token);
            return (await me.Json()).GetProperty("is_admin").GetBoolean();
        }
    }

    [Theory, EveryDatabase]
    public async Task A_google_account_is_promoted_when_google_has_verified_its_address(string engine)
    {
        await using var world = await People.World(engine);
        var (people, verbs) = (new GooglePeople(world), world.Services.GetRequiredService<OperatorVerbs>());
        var real = GooglePeople.Success(await people.FromDesktop("boss@example.com", "g-1"));
        var pretender = GooglePeople.Success(await people.FromDesktop("boss@example.com", "g-2", new { email_verified = false }));
        Assert.Contains(real.Account.Id.ToString(), (await verbs.CreateAdmin("Boss@example.com")).Sentence);
        var accounts = world.Services.GetRequiredService<Accounts>();
        Assert.True((await accounts.Find(real.Account.Id))!.IsAdmin);
        Assert.False((await accounts.Find(pretender.Account.Id))!.IsAdmin);

        GooglePeople.Success(await people.FromDesktop("boss@example.com", "g-3"));
        Assert.False((await verbs.CreateAdmin("boss@example.com")).Done);
    }

    [Fact]
    public async Task Keys_are_rotated_by_hand()
    {
        await using var world = await People.World();
        var pair = await world.Client.SignUp("jane@example.com");
        var answer = await world.Services.GetRequiredService<OperatorVerbs>().RotateKeys();
        Assert.StartsWith("Signing key 2 is published", answer.Sentence);
        Assert.Equal(HttpStatusCode.OK, await world.Client.Knock(pair.Access));
    }

    [Theory]
    [InlineData(null, null, "SECRET_KEY is not set")]
    [InlineData("changeme", null, "SECRET_KEY is a placeholder")]
    [InlineData("ledgerline-development-secret-for-one-machine-only", null, "SECRET_KEY is a placeholder")]
    [InlineData(null, "secret", "SECRET_KEY is a placeholder")]
    [InlineData("", "", "SECRET_KEY is not set")]
    [InlineData("thirty-one characters of secret", null, "SECRET_KEY has fewer than 32 characters")]
    [InlineData(null, "   thirty-one characters of secret   ", "SECRET_KEY has fewer than 32 characters")]
    public void Production_refuses_to_start_without_a_secret_of_its_own(string? secretKey, string? jwtSecret, string sentence)
    {
        var failure = Assert.Throws<FormatException>(() => IdentityOptions.From(Production(("SECRET_KEY", secretKey), ("JWT_SECRET", jwtSecret))));
        Assert.StartsWith(sentence, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Settings_are_read_by_their_names()
    {
        var options = IdentityOptions.From(Production(
            ("JWT_SECRET", "a long random text of 32 characters"), ("ACCESS_TOKEN_EXPIRE_MINUTES", "5"), ("REFRESH_TOKEN_EXPIRE_DAYS", "6"), ("DESKTOP_TOKEN_EXPIRE_DAYS", "7"), ("OTP_TOKEN_EXPIRE_DAYS", "8")));
        Assert.Equal(
            (TimeSpan.FromMinutes(5), TimeSpan.FromDays(6), TimeSpan.FromDays(7), TimeSpan.FromDays(8), TimeSpan.FromDays(8)),
            (options.AccessLifetime, options.RefreshLifetime, options.DesktopLifetime, options.OneTimeCodeLifetime, options.LongestAccess));
        var failure = Assert.Throws<FormatException>(() => IdentityOptions.From(Production(("SECRET_KEY", "a long random text of 32 characters"), ("REFRESH_TOKEN_EXPIRE_DAYS", "-1"))));
        Assert.StartsWith("REFRESH_TOKEN_EXPIRE_DAYS must be a whole number", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Google_is_whole_or_off()
    {
        Assert.False(GoogleOptions.From(Production()).IsConfigured);
        var google = GoogleOptions.From(Production(("GOOGLE_CLIENT_ID", "id"), ("GOOGLE_CLIENT_SECRET", "secret")));
        Assert.True(google.IsConfigured);
        Assert.Equal(
            ("https://accounts.google.com", "https://oauth2.googleapis.com", "https://www.googleapis.com"),
            (google.AccountsAddress, google.TokenAddress, google.ApiAddress));
        var failure = Assert.Throws<FormatException>(() => GoogleOptions.From(Production(("GOOGLE_CLIENT_ID", "id"))));
        Assert.StartsWith("GOOGLE_CLIENT_ID and GOOGLE_CLIENT_SECRET belong together", failure.Message, StringComparison.Ordinal);
    }

    private static ProviderSettings Production(params (string Name, string? Value)[] settings) => new(
        new ConfigurationBuilder().AddInMemoryCollection(settings.ToDictionary(one => one.Name, one => one.Value)).Build(),
        new HostingEnvironment { EnvironmentName = "Production" });
}
