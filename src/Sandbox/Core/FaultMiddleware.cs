using System.Text;

namespace Sandbox.Core;

/// <summary>Lets faults strike, and shows JSON answers to the inspector before they leave.</summary>
internal sealed class FaultMiddleware(Faults faults, Simulators simulators, SandboxOptions options) : IMiddleware
{
    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        if (simulators.ByPath(context.Request.Path) is not { } simulator)
        {
            await next(context);
            return;
        }

        context.Request.Path.StartsWithSegments(simulator.Prefix, out var path);
        var fault = faults.Take(simulator.Name, context.Request.Method, path);
        var isSocket = context.WebSockets.IsWebSocketRequest;
        if (fault is { AfterEvents: not null } && isSocket)
        {
            // What a socket's events are only its simulator knows.
            context.Items[typeof(Fault)] = fault;
        }
        else if (fault is { AfterEvents: not null })
        {
            await StruckStream.Run(fault, simulator, context, () => next(context));
            return;
        }

        if (fault is { When: FaultMoment.Before, AfterEvents: null })
        {
            await Delay(fault, context);
            if (fault.Drop || fault.AnswersItself)
            {
                await ReadSome(context);
                await Strike(fault, simulator, context);
                return;
            }
        }

        var holdAll = fault is { When: FaultMoment.After } or { Truncate: true };
        if (isSocket || (!holdAll && options.InspectAnswer is null))
        {
            await next(context);
            return;
        }

        var answer = new HeldAnswer(context, holdAll);
        try
        {
            await next(context);
            await context.Response.BodyWriter.FlushAsync(context.RequestAborted);
        }
        finally
        {
            answer.Restore();
        }

        if (fault is { When: FaultMoment.After })
        {
            await Delay(fault, context);
            if (fault.Drop || fault.AnswersItself)
            {
                await Strike(fault, simulator, context);
                return;
            }
        }

        if (fault is { Truncate: true })
        {
            await answer.SendHalf();
            return;
        }

        await answer.Send(options.InspectAnswer);
    }

    private static async Task Delay(Fault fault, HttpContext context)
    {
        if (fault.DelayMs is > 0 and var milliseconds)
        {
            await Task.Delay(milliseconds, context.RequestAborted);
        }
    }

    // A request that was refused without being read would not show in the log what it asked for.
    private static Task ReadSome(HttpContext context) => context.Request.Body is Tee body ? body.Fill(context.RequestAborted) : Task.CompletedTask;

    private static async Task Strike(Fault fault, Simulator simulator, HttpContext context)
    {
        if (fault.Drop)
        {
            RequestLog.MarkDropped(context);
            context.Abort();
            return;
        }

        var status = fault.Status ?? 200;
        var body = Encoding.UTF8.GetBytes(fault.Body ?? Json.Text(simulator.Error(status, "The sandbox was told to fail this request.")));
        var response = context.Response;
        response.Clear();
        response.StatusCode = status;
        response.ContentType = "application/json";
        foreach (var (name, value) in fault.Headers ?? [])
        {
            response.Headers[name] = value;
        }

        if (status is not (StatusCodes.Status204NoContent or StatusCodes.Status304NotModified))
        {
            response.ContentLength = body.Length;
            await response.Body.WriteAsync(body, context.RequestAborted);
        }
    }
}
