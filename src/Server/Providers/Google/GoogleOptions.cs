using Ledgerline.Providers.Wire;

namespace Ledgerline.Providers.Google;

/// <summary>How to reach Google, and as whom. Without a client id and secret it is off.</summary>
public sealed record GoogleOptions
{
    public string? ClientId { get; init; }
    public string? ClientSecret { get; init; }

    /// <summary>Where a browser comes back to; must be sent byte for byte the same in both steps.</summary>
    public required string RedirectUri { get; init; }

    /// <summary>Where the desktop client listens on its own machine.</summary>
    public required string DesktopRedirectUri { get; init; }

    /// <summary>The consent page's host.</summary>
    public required string AccountsAddress { get; init; }

    /// <summary>The host that exchanges codes.</summary>
    public required string TokenAddress { get; init; }

    /// <summary>The host of userinfo and of the public keys.</summary>
    public required string ApiAddress { get; init; }

    public bool IsConfigured => ClientId is not null && ClientSecret is not null;

    /// <exception cref="FormatException">One of id and secret is set without the other.</exception>
    public static GoogleOptions From(ProviderSettings settings)
    {
        const string id = "GOOGLE_CLIENT_ID";
        const string secret = "GOOGLE_CLIENT_SECRET";
        if (settings[id] is null != settings[secret] is null && !settings.IsDevelopment)
        {
            throw new FormatException($"{id} and {secret} belong together: set both, or neither to leave Google sign-in off.");
        }

        string At(string name, string production) => settings.Address(name, id, production, "/google").TrimEnd('/');
        return new GoogleOptions
        {
            ClientId = settings.Key(id, "sandbox.apps.googleusercontent.com"),
            ClientSecret = settings.Key(secret, "GOCSPX-sandbox"),
            RedirectUri = settings["GOOGLE_REDIRECT_URI"] ?? "http://localhost:8000/auth/google/callback",
            DesktopRedirectUri = settings["GOOGLE_DESKTOP_REDIRECT_URI"] ?? "http://localhost:18080/callback",
            AccountsAddress = At("GOOGLE_ACCOUNTS_BASE_URL", "https://accounts.google.com"),
            TokenAddress = At("GOOGLE_TOKEN_BASE_URL", "https://oauth2.googleapis.com"),
            ApiAddress = At("GOOGLE_API_BASE_URL", "https://www.googleapis.com"),
        };
    }
}
