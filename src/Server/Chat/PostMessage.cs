using Ledgerline.Http;
using Ledgerline.Usage;

namespace Ledgerline.Chat;

/// <summary><c>POST /chatroom/{id}/message</c>: accepted at once, answered a little later.</summary>
internal static class PostMessage
{
    public const string UsedUp = "Daily message limit exceeded. Upgrade to Pro for unlimited messages.";

    private static readonly TimeSpan WhenWaiting = TimeSpan.FromSeconds(5);

    /// <param name="Content">1 to 8000 characters.</param>
    public sealed record Request(string? Content);

    public sealed record Answer(string Status, long MessageId);

    public static async Task<IResult> Handle(
        string id, Body<Request> body, CurrentAccount account, HttpContext context, MessageDesk desk, Idempotency idempotency, ChatOptions options, TimeProvider clock,
        CancellationToken stop)
    {
        var (room, content) = (ChatInput.Id(id), ChatInput.Content(body.Value.Content));
        return await idempotency.Run(context, account.Id, () => content, async ticket =>
        {
            var outcome = await desk.Post(
                account.Id,
                room,
                content,
                ticket is null ? null : (transaction, message) => idempotency.Keep(transaction, ticket, StatusCodes.Status200OK, Accepted(message)),
                stop);
            return outcome switch
            {
                PostOutcome.Accepted accepted => TypedResults.Ok(Accepted(accepted.Id)),
                PostOutcome.NoRoom => Refusal.NotFound(Chatrooms.NoRoom),
                PostOutcome.UsedUp used => Refusal.TooManyRequests((used.Verdict.ResetsOn ?? clock.GetUtcNow()) - clock.GetUtcNow(), UsedUp),
                PostOutcome.TooManyWaiting => Refusal.TooManyRequests(
                    WhenWaiting, $"{options.MostWaiting} messages wait for their answers. Try again when some of them are answered."),
                PostOutcome.NotByUse none => new Refusal(StatusCodes.Status402PaymentRequired, NotByUse(none.Verdict.Plan is not null)),
                PostOutcome.NotPaid missing => new Refusal(StatusCodes.Status402PaymentRequired, Missing(missing.Answer)),
                _ => throw new InvalidOperationException($"The message ended as {outcome}."),
            };
        });
    }

    public static Answer Accepted(long message) => new("message queued", message);

    /// <param name="hasPlan">Only the price is missing.</param>
    public static object NotByUse(bool hasPlan) => new
    {
        Error = hasPlan
            ? "Your pay-as-you-go plan has no price for chat messages. Set the room's pays to allowance or credits, or subscribe anew once the plan has one."
            : "This room is paid as you go. Subscribe to the plan usage_based, or set the room's pays to allowance or credits.",
        Code = "PAY_AS_YOU_GO_UNAVAILABLE",
    };

    private static object Missing(TokenAnswer answer) => new
    {
        Error = "Insufficient credits",
        Code = "INSUFFICIENT_CREDITS",
        CreditsNeeded = answer.Needed.Ceiling,
        CreditsAvailable = answer.Available.Floor,
    };
}
