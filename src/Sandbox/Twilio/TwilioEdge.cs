using System.Security.Cryptography;
using System.Text;
using Sandbox.Core;

namespace Sandbox.Twilio;

/// <summary>What every address of Twilio has in common: the account and its token in Basic authentication, and errors in Twilio's shape.</summary>
internal static class TwilioEdge
{
    public static async ValueTask<object?> Filter(EndpointFilterInvocationContext call, EndpointFilterDelegate next)
    {
        var context = call.HttpContext;
        context.Response.Headers["Twilio-Request-Id"] = Ids.Hex("RQ");
        try
        {
            SignIn(context);
            return await next(call);
        }
        catch (TwilioError error)
        {
            if (error.Status == 401)
            {
                context.Response.Headers.WWWAuthenticate = "Basic realm=\"Twilio API\"";
            }

            return Json.Answer(error.Body, error.Status);
        }
        catch (BadHttpRequestException broken)
        {
            return Json.Answer(TwilioError.Shape(broken.StatusCode, broken.Message), broken.StatusCode);
        }
    }

    private static void SignIn(HttpContext context)
    {
        const string scheme = "Basic ";
        var options = context.Service<SandboxOptions>();
        var header = context.Request.Headers.Authorization.ToString();
        var given = new byte[header.Length];
        var expected = Encoding.UTF8.GetBytes($"{options.TwilioAccountSid}:{options.TwilioAuthToken}");
        var known = header.StartsWith(scheme, StringComparison.OrdinalIgnoreCase)
            && Convert.TryFromBase64String(header[scheme.Length..].Trim(), given, out var length)
            && CryptographicOperations.FixedTimeEquals(given.AsSpan(0, length), expected);
        if (!known || (context.Request.RouteValues["account"] as string ?? options.TwilioAccountSid) != options.TwilioAccountSid)
        {
            throw new TwilioError(401, 20003, "Authenticate");
        }
    }
}
