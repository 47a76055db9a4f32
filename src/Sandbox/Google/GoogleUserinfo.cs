using System.Text;
using System.Text.Json.Nodes;
using Sandbox.Core;

namespace Sandbox.Google;

/// <summary>Userinfo v2, and the picture that it points to.</summary>
internal static class GoogleUserinfo
{
    public static IResult Get(HttpContext context, GoogleAccounts accounts)
    {
        if (accounts.Holder(context.BearerToken()) is not { } holder)
        {
            context.Response.Headers.WWWAuthenticate = "Bearer realm=\"https://accounts.google.com/\", error=\"invalid_token\"";
            return Json.Answer(GoogleError.ApiShape(401, "Request had invalid authentication credentials. Expected OAuth 2 access token."), 401);
        }

        var person = holder.Person;
        var scopes = holder.Scope.Split(' ');
        var answer = new JsonObject { ["id"] = person.Sub };
        if (scopes.Any(scope => scope is "email" or "https://www.googleapis.com/auth/userinfo.email"))
        {
            answer["email"] = person.Email;
            answer["verified_email"] = person.EmailVerified;
        }

        if (scopes.Any(scope => scope is "profile" or "https://www.googleapis.com/auth/userinfo.profile"))
        {
            answer["name"] = person.Name;
            answer["given_name"] = person.GivenName;
            if (person.FamilyName is { } family)
            {
                answer["family_name"] = family;
            }

            answer["picture"] = Picture(context.Origin(), person);
        }

        return Json.Answer(answer);
    }

    public static string Picture(string origin, GooglePerson person) => $"{origin}/google/a/{person.Sub}";

    /// <summary>A coloured disc: the colour follows from the subject.</summary>
    public static IResult Portrait(string sub)
    {
        var hue = sub.Sum(letter => letter) * 47 % 360;
        return Results.Text($"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 96 96"><circle cx="48" cy="48" r="48" fill="hsl({hue} 55% 55%)"/></svg>""", "image/svg+xml", Encoding.UTF8);
    }
}
