using Sandbox.Core;

namespace Sandbox.Twilio.Calls;

/// <summary>The account's calls: dials, reads, lists, changes, ends and deletes them.</summary>
internal static class CallsApi
{
    private static readonly TimeSpan LongestAnnouncement = TimeSpan.FromSeconds(10);

    public static async Task<IResult> Dial(HttpContext context, string account, CallBook calls, Dialler dialler, NumberStock numbers, TwilioWorld world)
    {
        var order = await CallForm.Read(context, account, numbers);
        world.DemandReachable(order.To);
        var call = calls.Open(order with { PhoneNumberSid = numbers.Find(order.From)?.Sid });
        var answer = CallShape.Of(call);
        dialler.Dial(call);
        if (calls.Dialling.CallbacksFirst)
        {
            await Task.WhenAny(call.Announced, Task.Delay(LongestAnnouncement, TimeProvider.System, context.RequestAborted));
        }

        return Json.Answer(answer, 201);
    }

    public static IResult Get(HttpContext context, string sid, CallBook calls) => Json.Answer(CallShape.Of(Known(context, sid, calls)));

    public static IResult List(HttpContext context, CallBook calls)
    {
        var query = new TwilioQuery(context);
        var (started, ended) = (query.When("StartTime"), query.When("EndTime"));
        return query.Page(
            "calls",
            [.. calls.List().Where(call =>
                query.Fits("Status", call.State.Status) && query.Fits("To", call.Order.To) && query.Fits("From", call.Order.From) && query.Fits("ParentCallSid", null)
                && started(call.State.StartedAt ?? call.CreatedAt) && ended(call.State.EndedAt))],
            call => call.Sid, CallShape.Of);
    }

    public static async Task<IResult> Update(HttpContext context, string sid, CallBook calls, Dialler dialler, SandboxClock clock)
    {
        var form = await TwilioForm.Read(context, "Status", "Url", "Method", "FallbackUrl", "FallbackMethod", "Twiml", "TimeLimit", "StatusCallback", "StatusCallbackMethod");
        var call = Known(context, sid, calls);
        var instructions = CallForm.Instructions(form);
        var limit = form.Number("TimeLimit", 1, 86_400);
        var callback = CallForm.Callback(form);
        var status = form["Status"];
        if (status is not (null or "completed" or "canceled"))
        {
            throw new TwilioError(400, 21218, $"Status is completed or canceled, not {status}.");
        }

        var (state, talks) = (call.State, call.State.AnsweredAt is not null);
        if (state.IsOver || (instructions is not null && !talks) || (status == "canceled" && talks))
        {
            throw new TwilioError(400, 21220, $"Call is not in-progress. Cannot redirect. It is {state.Status}.");
        }

        call.Callback = callback.Url is { } url ? call.Callback with { Url = url } : call.Callback;
        if (limit is { } seconds)
        {
            call.SetTimeLimit(seconds, clock.GetUtcNow());
        }

        if (status is not null)
        {
            dialler.End(call, "canceled");
        }
        else if (instructions is not null)
        {
            call.Redirect(instructions);
        }

        return Json.Answer(CallShape.Of(call));
    }

    public static IResult Delete(HttpContext context, string sid, CallBook calls)
    {
        var call = Known(context, sid, calls);
        if (!call.IsOver)
        {
            throw new TwilioError(409, 20009, "Resource not complete: a call can be deleted when it is over.");
        }

        calls.Remove(call);
        return Results.NoContent();
    }

    public static PhoneCall Known(HttpContext context, string sid, CallBook calls) => calls.Find(sid) ?? throw TwilioError.NotFound(TwilioRoutes.Below(context));
}
