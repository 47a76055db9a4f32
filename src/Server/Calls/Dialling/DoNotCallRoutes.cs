using Ledgerline.Http;
using Ledgerline.Kernel;

namespace Ledgerline.Calls.Dialling;

/// <summary><c>/api/do-not-call</c>: whom an account does not call.</summary>
internal static class DoNotCallRoutes
{
    private const int LongestReason = 200;

    public sealed record Request(string? PhoneNumber, string? Reason);

    public sealed record Shown(string PhoneNumber, string? Reason, string CreatedAt);

    public sealed record Removed(string Status);

    public sealed record All(IReadOnlyList<Shown> Numbers);

    public static async Task<IResult> List(HttpRequest request, CurrentAccount current, DoNotCall list, CancellationToken stop) => TypedResults.Ok(new All(
    [
        .. (await list.List(current.Id, CallInput.Limit(request, 100), NumberRules.Normalise(request.Query["after"]) ?? "", stop))
            .Select(one => new Shown(one.PhoneNumber, one.Reason, one.CreatedAt.Iso())),
    ]));

    public static async Task<IResult> Add(Body<Request> body, CurrentAccount current, DoNotCall list, TimeProvider clock, CancellationToken stop)
    {
        var reason = CallInput.Text(body.Value.Reason, "reason", LongestReason);
        if (NumberRules.Normalise(body.Value.PhoneNumber) is not { } number)
        {
            return Refusal.BadRequest(DialledNumber.Invalid);
        }

        await list.Add(current.Id, number, reason, stop);
        return TypedResults.Ok(new Shown(number, reason, clock.GetUtcNow().Iso()));
    }

    public static async Task<IResult> Remove(string phoneNumber, CurrentAccount current, DoNotCall list, CancellationToken stop) =>
        NumberRules.Normalise(phoneNumber) is { } number && await list.Remove(current.Id, number, stop)
            ? TypedResults.Ok(new Removed("success"))
            : Refusal.NotFound("This number is not in the list");
}
