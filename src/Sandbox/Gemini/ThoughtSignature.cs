using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Sandbox.Gemini;

/// <summary>The opaque token on a function call; made of the call itself, so that one that was changed or lost its token is noticed.</summary>
internal static class ThoughtSignature
{
    public static string Of(JsonObject call)
    {
        var said = $"{(string?)call["id"]}\n{(string?)call["name"]}\n{call["args"]?.ToJsonString(Core.Json.Options)}";
        return Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(said)));
    }
}
