using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Ledgerline.Identity;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Tests.Identity;

public sealed class BearerTests
{
    [Fact]
    public async Task No_token_and_a_bad_token_are_both_401_in_different_words()
    {
        await using var world = await People.World();
        var pair = await world.Client.SignUp("jane@example.com");
        await People.Refused(HttpStatusCode.Unauthorized, "Not authenticated", await world.Client.GetAsync("/users/me"));
        foreach (var header in new[] { "Basic amFuZTpzZWNyZXQ=", "Bearer", "Bearer ", pair.Access })
        {
            await People.Refused(HttpStatusCode.Unauthorized, "Not authenticated", await Ask(header));
        }

        foreach (var header in new[] { "Bearer x", "Bearer a.b.c", $"Bearer {pair.Access}x", $"Bearer {pair.Refresh}", "Bearer null", "bearer undefined" })
        {
            await People.Refused(HttpStatusCode.Unauthorized, "Could not validate credentials", await Ask(header));
        }

        foreach (var header in new[] { $"Bearer {pair.Access}", $"bearer {pair.Access}", $"Bearer  {pair.Access} " })
        {
            using var answer = await Ask(header);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }

        Task<HttpResponseMessage> Ask(string header)
        {
            var request = new HttpRequestMessage(HttpMethod.Get, "/users/me");
            request.Headers.TryAddWithoutValidation("Authorization", header);
            return world.Client.SendAsync(request);
        }
    }

    [Fact]
    public async Task A_token_says_who_and_which_session_and_nothing_personal()
    {
        await using var world = await People.World();
        var pair = await world.Client.SignUp("jane@example.com");
        var parts = pair.Access.Split('.');
        var (header, claims) = (Decode(parts[0]), Decode(parts[1]));
        Assert.Equal(["alg", "kid", "typ"], header.Select(pair => pair.Key).Order());
        Assert.Equal("HS256", (string?)header["alg"]);
        Assert.Equal(["aud", "exp", "iat", "iss", "jti", "sid", "sub"], claims.Select(pair => pair.Key).Order());
        Assert.Equal(30 * 60, (long)claims["exp"]! - (long)claims["iat"]!);
        Assert.Equal(36, ((string)claims["sub"]!).Length);
    }

    [Fact]
    public async Task Forged_tokens_are_refused()
    {
        await using var world = await People.World();
        var (jane, john) = (await world.Client.SignUp("jane@example.com"), await world.Client.SignUp("john@example.com"));
        await world.Services.GetRequiredService<SigningKeys>().Rotate(default);
        world.Clock.Advance(SigningKeys.Lead);
        var fresh = await People.PairOf(await world.Client.Refresh(jane.Refresh));
        var keys = world.Services.GetRequiredService<SigningKeys>();
        var (oldKey, newKey) = ((await keys.Find(Kid(jane.Access), default))!, (await keys.Find(Kid(fresh.Access), default))!);
        Assert.NotEqual(oldKey.Id, newKey.Id);
        var secret = newKey.Key.Key;
        var (header, claims) = (Decode(fresh.Access.Split('.')[0]), Decode(fresh.Access.Split('.')[1]));
        Assert.Equal(HttpStatusCode.OK, await world.Client.Knock(Sign(header, claims, secret)));

        string[] forgeries =
        [
            // Another person's payload under Jane's signature.
            $"{fresh.Access.Split('.')[0]}.{john.Access.Split('.')[1]}.{fresh.Access.Split('.')[2]}",
            $"{Encode(With(header, "alg", "none"))}.{Encode(claims)}.",
            $"{Encode(With(header, "alg", "None"))}.{Encode(claims)}.{fresh.Access.Split('.')[2]}",
            Sign(With(header, "alg", "HS512"), claims, secret, HMACSHA512.HashData),
            Sign(With(header, "alg", "RS256"), claims, secret),
            Sign(header, claims, RandomNumberGenerator.GetBytes(32)),
            Sign(header, claims, []),
            Sign(With(header, "kid", oldKey.Id), claims, secret),
            Sign(With(header, "kid", "unknown"), claims, secret),
            Sign(With(header, "kid", 7), claims, secret),
            Sign(With(header, "alg", new JsonObject()), claims, secret),
            Sign(With(header, "alg", new JsonArray("HS256")), claims, secret),
            Sign(With(header, "kid", null), claims, secret),
            Sign(header, With(claims, "iss", "somebody"), secret),
            Sign(header, With(claims, "iss", null), secret),
            Sign(header, With(claims, "aud", "something"), secret),
            Sign(header, With(claims, "aud", null), secret),
            Sign(header, With(claims, "exp", (long)claims["iat"]! - 1), secret),
            Sign(header, With(claims, "exp", null), secret),
            Sign(header, With(claims, "exp", "soon"), secret),
            Sign(header, With(claims, "sub", null), secret),
            Sign(header, With(claims, "sub", "1"), secret),
            Sign(header, With(claims, "sub", Guid.Empty.ToString()), secret),
            Sign(header, With(claims, "sid", null), secret),
            Sign(header, With(claims, "sid", "other"), secret),
            Sign(header, With(claims, "sid", (string?)Decode(john.Access.Split('.')[1])["sid"]), secret),
            fresh.Access[..^1],
            fresh.Access.Split('.')[0] + "." + fresh.Access.Split('.')[1],
            fresh.Access + "." + fresh.Access.Split('.')[2],
        ];
        foreach (var forgery in forgeries)
        {
            await People.Refused(HttpStatusCode.Unauthorized, "Could not validate credentials", await world.Client.Send(HttpMethod.Get, "/users/me", forgery));
        }

        // The originals still stand: no forgery has ended them or taken their place.
        Assert.Equal(HttpStatusCode.OK, await world.Client.Knock(fresh.Access));
    }

    [Fact]
    public async Task No_mutilated_token_is_accepted_or_breaks_anything()
    {
        await using var world = await People.World();
        var good = (await world.Client.SignUp("jane@example.com")).Access;
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        for (var turn = 0; turn < 300; turn++)
        {
            var letters = good.ToCharArray().ToList();
            for (var wound = random.Next(1, 4); wound > 0; wound--)
            {
                var at = random.Next(letters.Count);
                switch (random.Next(3))
                {
                    case 0:
                        letters[at] = (char)random.Next('!', '~');
                        break;
                    case 1:
                        letters.RemoveAt(at);
                        break;
                    default:
                        letters.Insert(at, ".{}\"A="[random.Next(6)]);
                        break;
                }
            }

            var token = new string([.. letters]);
            var status = await world.Client.Knock(token);
            // The last character of a signature holds two bits that mean nothing.
            Assert.True(status == HttpStatusCode.Unauthorized || token[..^1] == good[..^1], $"{status} for {token} (seed {seed})");
        }
    }

    [Fact]
    public async Task A_token_ends_to_the_second()
    {
        await using var world = await People.World();
        var pair = await world.Client.SignUp("jane@example.com");
        var expires = DateTimeOffset.FromUnixTimeSeconds((long)Decode(pair.Access.Split('.')[1])["exp"]!);
        world.Clock.SetNow(expires - TimeSpan.FromSeconds(30));
        Assert.Equal(HttpStatusCode.OK, await world.Client.Knock(pair.Access));
        world.Clock.SetNow(expires);
        Assert.Equal(HttpStatusCode.Unauthorized, await world.Client.Knock(pair.Access));
    }

    [Fact]
    public async Task Many_requests_with_one_token_ask_the_database_once()
    {
        await using var world = await People.World();
        var pair = await world.Client.SignUp("jane@example.com");
        Assert.Equal(HttpStatusCode.OK, await world.Client.Knock(pair.Access));
        await world.Database.Write(transaction => transaction.Execute("ALTER TABLE sign_in_sessions RENAME TO hidden"));
        var bearer = world.Services.GetRequiredService<BearerTokens>();
        for (var turn = 0; turn < 100; turn++)
        {
            Assert.NotNull(await bearer.Check(pair.Access, default));
        }

        await world.Database.Write(transaction => transaction.Execute("ALTER TABLE hidden RENAME TO sign_in_sessions"));
    }

    private static string Kid(string token) => (string)Decode(token.Split('.')[0])["kid"]!;

    private static JsonObject Decode(string part) => JsonNode.Parse(Base64Url.DecodeFromChars(part))!.AsObject();

    private static string Encode(JsonObject part) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(part.ToJsonString()));

    private static JsonObject With(JsonObject part, string name, JsonNode? value)
    {
        var changed = part.DeepClone().AsObject();
        if (value is null)
        {
            changed.Remove(name);
        }
        else
        {
            changed[name] = value;
        }

        return changed;
    }

    private static string Sign(JsonObject header, JsonObject claims, byte[] secret, Func<byte[], byte[], byte[]>? hash = null)
    {
        var text = $"{Encode(header)}.{Encode(claims)}";
        return $"{text}.{Base64Url.EncodeToString((hash ?? HMACSHA256.HashData)(secret, Encoding.ASCII.GetBytes(text)))}";
    }
}
