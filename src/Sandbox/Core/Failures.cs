namespace Sandbox.Core;

/// <summary>
/// The outermost of all: what nobody foresaw is answered in the provider's own words and logged with its stack, because a 500 that
/// says nothing tells nobody what broke.
/// </summary>
internal sealed class Failures(Simulators simulators, ILogger<Failures> log)
{
    public async Task Answer(HttpContext context, RequestDelegate next)
    {
        try
        {
            await next(context);
        }
        catch (Exception) when (context.RequestAborted.IsCancellationRequested)
        {
            // Nobody is left to be answered.
        }
        catch (BadHttpRequestException refusal) when (!context.Response.HasStarted)
        {
            await Say(context, refusal.StatusCode, refusal.Message);
        }
        catch (Exception wrong)
        {
            log.LogError(wrong, "{Method} {Path} went wrong.", context.Request.Method, context.Request.Path);
            if (context.Response.HasStarted)
            {
                throw;
            }

            await Say(context, StatusCodes.Status500InternalServerError, $"The sandbox failed with {wrong.GetType().Name}; its log has the stack.");
        }
    }

    private Task Say(HttpContext context, int status, string sentence)
    {
        context.Response.Clear();
        return (simulators.ByPath(context.Request.Path) is { } simulator
            ? Json.Answer(simulator.Error(status, sentence), status)
            : Json.Refuse(sentence, status)).ExecuteAsync(context);
    }
}
