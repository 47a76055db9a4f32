using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sandbox.Core;

namespace Sandbox.Google;

/// <summary>How the next ID tokens shall be wrong. <c>claims</c> sets claims to any value, null takes one out.</summary>
internal sealed record IdTokenFault
{
    public string? Aud { get; init; }
    public string? Iss { get; init; }
    public bool Expired { get; init; }
    public bool NoEmail { get; init; }

    /// <summary><c>none</c>, <c>HS256</c>, or any other word for the header.</summary>
    public string? Alg { get; init; }

    /// <summary><c>wrong</c>: signed by a stranger under a published id; <c>unknown</c>: under an id that is not published.</summary>
    public string? Key { get; init; }
    public Dictionary<string, JsonElement>? Claims { get; init; }
    public int Times { get; init; } = 1;
}

/// <summary>Makes ID tokens: RS256 by the first published key, times by the sandbox's clock, unless a fault was asked for.</summary>
internal sealed class IdTokens(GoogleKeys keys, SandboxClock clock, SandboxOptions options)
{
    private readonly Lock _gate = new();
    private readonly Queue<IdTokenFault> _faults = new();

    public void Add(IdTokenFault fault)
    {
        _ = fault.Key is null ? null : GoogleKeys.Stranger;
        lock (_gate)
        {
            for (var time = 0; time < fault.Times; time++)
            {
                _faults.Enqueue(fault);
            }
        }
    }

    public void Clear()
    {
        lock (_gate)
        {
            _faults.Clear();
        }
    }

    public string Make(GoogleGrant grant, string accessToken, string origin)
    {
        var now = clock.GetUtcNow().ToUnixTimeSeconds();
        var person = grant.Person;
        var claims = new JsonObject
        {
            ["iss"] = "https://accounts.google.com",
            ["azp"] = options.GoogleClientId,
            ["aud"] = options.GoogleClientId,
            ["sub"] = person.Sub,
            ["at_hash"] = Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(accessToken)).AsSpan(0, 16)),
        };
        if (grant.Nonce is { } nonce)
        {
            claims["nonce"] = nonce;
        }

        var scopes = grant.Scope.Split(' ');
        if (scopes.Any(scope => scope is "email" or "https://www.googleapis.com/auth/userinfo.email"))
        {
            claims["email"] = person.Email;
            claims["email_verified"] = person.EmailVerified;
        }

        if (scopes.Any(scope => scope is "profile" or "https://www.googleapis.com/auth/userinfo.profile"))
        {
            claims["name"] = person.Name;
            claims["picture"] = GoogleUserinfo.Picture(origin, person);
            claims["given_name"] = person.GivenName;
            if (person.FamilyName is { } family)
            {
                claims["family_name"] = family;
            }
        }

        claims["iat"] = now;
        claims["exp"] = now + 3600;
        return Sign(claims, Take());
    }

    private IdTokenFault? Take()
    {
        lock (_gate)
        {
            return _faults.TryDequeue(out var fault) ? fault : null;
        }
    }

    private string Sign(JsonObject claims, IdTokenFault? fault)
    {
        if (fault is not null)
        {
            Spoil(claims, fault);
        }

        var key = fault?.Key is "wrong" or "unknown" ? GoogleKeys.Stranger : keys.Signing;
        var algorithm = fault?.Alg ?? "RS256";
        var header = new JsonObject { ["alg"] = algorithm, ["kid"] = fault?.Key == "wrong" ? keys.Signing.Id : key.Id, ["typ"] = "JWT" };
        var text = $"{Encode(header)}.{Encode(claims)}";
        var bytes = Encoding.ASCII.GetBytes(text);
        var signature = algorithm switch
        {
            "none" => [],
            // The classic forgery: the public key, which everybody has, used as if it were a shared secret.
            "HS256" => HMACSHA256.HashData(Encoding.ASCII.GetBytes(keys.Signing.CertificatePem), bytes),
            _ => key.Sign(bytes),
        };
        return $"{text}.{Base64Url.EncodeToString(signature)}";
    }

    private static void Spoil(JsonObject claims, IdTokenFault fault)
    {
        claims["aud"] = fault.Aud ?? claims["aud"]!.GetValue<string>();
        claims["iss"] = fault.Iss ?? claims["iss"]!.GetValue<string>();
        if (fault.Expired)
        {
            claims["iat"] = claims["iat"]!.GetValue<long>() - 7200;
            claims["exp"] = claims["exp"]!.GetValue<long>() - 7200;
        }

        if (fault.NoEmail)
        {
            claims.Remove("email");
            claims.Remove("email_verified");
        }

        foreach (var (name, value) in fault.Claims ?? [])
        {
            if (value.ValueKind == JsonValueKind.Null)
            {
                claims.Remove(name);
            }
            else
            {
                claims[name] = JsonNode.Parse(value.GetRawText());
            }
        }
    }

    private static string Encode(JsonObject part) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(part.ToJsonString(Json.Options)));
}
