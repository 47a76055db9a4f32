using System.Net;
using Microsoft.AspNetCore.HttpOverrides;

namespace Ledgerline.Http;

/// <summary>Who may say on whose behalf a request comes: <c>TRUSTED_PROXIES</c>, addresses and networks (<c>10.0.0.0/8</c>). Nobody else's forwarded headers count.</summary>
internal static class TrustedProxies
{
    public static void UseTrustedProxies(this WebApplication app)
    {
        var options = Read(app.Configuration);
        if (options.KnownProxies.Count + options.KnownIPNetworks.Count > 0)
        {
            app.UseForwardedHeaders(options);
        }
    }

    /// <exception cref="FormatException">A value is neither an address nor a network.</exception>
    public static ForwardedHeadersOptions Read(IConfiguration settings)
    {
        var options = new ForwardedHeadersOptions
        {
            ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto | ForwardedHeaders.XForwardedHost,
            // As many proxies as are trusted, one behind the other.
            ForwardLimit = null,
        };
        options.KnownProxies.Clear();
        options.KnownIPNetworks.Clear();
        foreach (var text in (settings["TRUSTED_PROXIES"] ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (IPAddress.TryParse(text, out var address))
            {
                options.KnownProxies.Add(address);
            }
            else if (System.Net.IPNetwork.TryParse(text, out var network))
            {
                options.KnownIPNetworks.Add(network);
            }
            else
            {
                throw new FormatException($"TRUSTED_PROXIES must hold addresses or networks such as 10.0.0.0/8; {text} is neither.");
            }
        }

        return options;
    }
}
