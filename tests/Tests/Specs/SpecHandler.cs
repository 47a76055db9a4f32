namespace Tests.Specs;

/// <summary>Holds every request that leaves for a provider, and what comes back, against the provider's specification.</summary>
internal sealed class SpecHandler(SpecLog log) : DelegatingHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken stop)
    {
        if (request.RequestUri is not { } address || SpecRoute.Of(address.AbsolutePath) is not { } route)
        {
            return await base.SendAsync(request, stop);
        }

        var bundle = await route.Bundle();
        var (method, path) = (request.Method.Method, route.Path(address.AbsolutePath));
        var (sentType, sent) = await Read(request.Content, stop);
        log.Count();
        log.Record(route.Headers(request.Method, request.Headers) is { } header ? $"{method} {path}: {header}." : null);
        log.Record(bundle.CheckRequest(method, path, address.Query, sentType, sent));

        var answer = await base.SendAsync(request, stop);
        // A stream is for its reader alone: buffering it here would hide how it arrives.
        if (answer.Content.Headers.ContentType?.MediaType != SpecBody.EventStream)
        {
            var (type, body) = await Read(answer.Content, stop);
            log.Record(bundle.CheckAnswer(method, path, (int)answer.StatusCode, type, body, SpecBody.Fields(sentType, sent)));
        }

        return answer;
    }

    private static async Task<(string? ContentType, byte[] Bytes)> Read(HttpContent? content, CancellationToken stop)
    {
        if (content is null)
        {
            return (null, []);
        }

        await content.LoadIntoBufferAsync(stop);
        return (content.Headers.ContentType?.ToString(), await content.ReadAsByteArrayAsync(stop));
    }
}
