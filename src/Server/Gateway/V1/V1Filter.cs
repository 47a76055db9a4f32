using Ledgerline.Http;

namespace Ledgerline.Gateway.V1;

/// <summary>Around every handler below <c>/v1</c>: the headers of every answer, and refusals in OpenAI's shape.</summary>
internal static class V1Filter
{
    public static async ValueTask<object?> Run(EndpointFilterInvocationContext call, EndpointFilterDelegate next)
    {
        var context = call.HttpContext;
        RefusalForm.For(context)!.Head(context);
        try
        {
            return await next(call);
        }
        catch (V1Refusal refusal)
        {
            return refusal.Answer;
        }
    }
}
