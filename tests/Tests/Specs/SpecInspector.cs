using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Tests.Specs;

/// <summary>The sandbox's own examiner: holds every answer it is about to give against the provider's specification.</summary>
internal static class SpecInspector
{
    /// <summary>Reads the specifications first, so that <see cref="Inspect"/> never waits.</summary>
    public static Task Ready() => Task.WhenAll(
        ProviderSpecs.Stripe, ProviderSpecs.OpenAi, ProviderSpecs.Gemini, ProviderSpecs.Google, ProviderSpecs.Turso, ProviderSpecs.Twilio, ProviderSpecs.Verify);

    /// <summary>Null when the answer fits or no specification describes its address. For <c>SandboxOptions.InspectAnswer</c>, after <see cref="Ready"/>.</summary>
    public static string? Inspect(HttpContext context, int status, string contentType, ReadOnlyMemory<byte> body)
    {
        var request = context.Request;
        return SpecRoute.Of($"{request.Path}") is { } route
            ? route.Bundle().GetAwaiter().GetResult().CheckAnswer(
                request.Method, route.Path($"{request.Path}"), status, contentType, body, Fields(context.Features.Get<IFormFeature>()?.Form))
            : null;
    }

    private static Dictionary<string, string>? Fields(IFormCollection? form) => form?.ToDictionary(field => field.Key, field => $"{field.Value}");
}
