using System.Security.Cryptography;
using System.Text;
using Sandbox.Core;

namespace Sandbox.Google;

/// <summary>A consent that waits to be exchanged; without a request it is bound to no redirect and no challenge.</summary>
internal sealed record GoogleGrant(GooglePerson Person, string Scope, AuthRequest? Request, string? Nonce, DateTimeOffset At);

/// <summary>A token that lives: whose it is and what it may do.</summary>
internal sealed record GoogleToken(GooglePerson Person, string Scope, DateTimeOffset ExpiresAt, string? Refresh);

/// <summary>What Google remembers: codes, tokens, who consented before.</summary>
internal sealed class GoogleAccounts(SandboxClock clock)
{
    public static readonly TimeSpan CodeLife = TimeSpan.FromMinutes(10);
    public static readonly TimeSpan TokenLife = TimeSpan.FromSeconds(3599);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, GoogleGrant> _codes = [];
    private readonly Dictionary<string, GoogleToken> _access = [];
    private readonly Dictionary<string, GoogleToken> _refresh = [];
    private readonly HashSet<(string Sub, string Scope)> _consented = [];
    private readonly List<GooglePerson> _people = [];

    public IReadOnlyList<GooglePerson> People
    {
        get
        {
            lock (_gate)
            {
                return [.. _people];
            }
        }
    }

    public string NewCode(GooglePerson person, string scope, AuthRequest? request, string? nonce)
    {
        var code = "4/0A" + Ids.New("", 66);
        lock (_gate)
        {
            _codes[code] = new GoogleGrant(person, scope, request, nonce, clock.GetUtcNow());
            _people.RemoveAll(known => known.Email == person.Email);
            _people.Insert(0, person);
        }

        return code;
    }

    /// <summary>Uses up a code; whatever does not fit is refused and leaves the code for its owner.</summary>
    public GoogleGrant Redeem(string code, string? redirectUri, string? verifier)
    {
        lock (_gate)
        {
            if (!_codes.TryGetValue(code, out var grant) || clock.GetUtcNow() - grant.At > CodeLife)
            {
                throw new GoogleError("invalid_grant", "Malformed auth code, or one that was used or has expired.");
            }

            if (grant.Request is { } request)
            {
                if (redirectUri != request.RedirectUri)
                {
                    throw new GoogleError("redirect_uri_mismatch", "The redirect_uri is not the one that the code was asked for with.");
                }

                CheckVerifier(request, verifier);
            }

            _codes.Remove(code);
            return grant;
        }
    }

    /// <summary>An access token, and a refresh token where one is due.</summary>
    public (string Access, string? Refresh) Issue(GoogleGrant grant)
    {
        var access = "ya29." + Ids.New("", 120);
        string? refresh = null;
        lock (_gate)
        {
            var first = _consented.Add((grant.Person.Sub, grant.Scope));
            if (grant.Request is { Offline: true } request && (first || request.AskAgain))
            {
                refresh = "1//0" + Ids.New("", 60);
                _refresh[refresh] = new GoogleToken(grant.Person, grant.Scope, DateTimeOffset.MaxValue, null);
            }

            _access[access] = new GoogleToken(grant.Person, grant.Scope, clock.GetUtcNow() + TokenLife, refresh);
        }

        return (access, refresh);
    }

    public (string Access, GoogleToken Token) Refresh(string refresh)
    {
        lock (_gate)
        {
            if (!_refresh.TryGetValue(refresh, out var known))
            {
                throw new GoogleError("invalid_grant", "Token has been expired or revoked.");
            }

            var access = "ya29." + Ids.New("", 120);
            var token = _access[access] = known with { ExpiresAt = clock.GetUtcNow() + TokenLife, Refresh = refresh };
            return (access, token);
        }
    }

    public GoogleToken? Holder(string? access)
    {
        lock (_gate)
        {
            return access is not null && _access.TryGetValue(access, out var token) && clock.GetUtcNow() <= token.ExpiresAt ? token : null;
        }
    }

    /// <summary>Ends a token, and with a refresh token every access token that came from it.</summary>
    public bool Revoke(string token)
    {
        lock (_gate)
        {
            var refresh = _refresh.ContainsKey(token) ? token : _access.GetValueOrDefault(token)?.Refresh;
            if (refresh is null)
            {
                return _access.Remove(token);
            }

            foreach (var child in _access.Where(one => one.Value.Refresh == refresh).Select(one => one.Key).ToList())
            {
                _access.Remove(child);
            }

            return _refresh.Remove(refresh);
        }
    }

    public void Clear()
    {
        lock (_gate)
        {
            _codes.Clear();
            _access.Clear();
            _refresh.Clear();
            _consented.Clear();
            _people.Clear();
        }
    }

    private static void CheckVerifier(AuthRequest request, string? verifier)
    {
        if (request.Challenge is null)
        {
            if (verifier is not null)
            {
                throw new GoogleError("invalid_grant", "code_verifier or verifier is not needed.");
            }

            return;
        }

        if (verifier is null)
        {
            throw new GoogleError("invalid_grant", "Missing code verifier.");
        }

        var made = request.ChallengeIsPlain ? verifier : System.Buffers.Text.Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(verifier)));
        if (made != request.Challenge)
        {
            throw new GoogleError("invalid_grant", "Invalid code verifier.");
        }
    }
}
