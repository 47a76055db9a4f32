using Ledgerline.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Ledgerline.Chat;

/// <summary><c>/chatroom/</c> and <c>/chatroom/{id}</c>: an account's rooms.</summary>
internal static class Chatrooms
{
    public const string NoRoom = "Chatroom not found";

    private const int MostMessages = 1000;

    /// <param name="Name">1 to 200 characters.</param>
    /// <param name="Pays">What its messages are paid with: <c>allowance</c> (the default), <c>credits</c> or <c>pay_as_you_go</c>.</param>
    public sealed record Request(string? Name, string? Pays = null);

    public sealed record WithMessages(long Id, string Name, string CreatedAt, string Pays, IEnumerable<MessageShown> Messages);

    public sealed record Deleted(long Id, bool IsDeleted);

    public static async Task<IResult> Create(
        Body<Request> body, CurrentAccount account, HttpContext context, RoomDesk desk, Idempotency idempotency, CancellationToken stop)
    {
        var (name, pays) = (ChatInput.Name(body.Value.Name), ChatInput.Pays(body.Value.Pays) ?? RoomPays.Allowance);
        return await idempotency.Run(context, account.Id, () => $"{pays} {name}", async ticket => TypedResults.Ok(RoomShown.Of(await desk.Create(
            account.Id,
            name,
            pays,
            (transaction, room) => ticket is null ? Task.CompletedTask : idempotency.Keep(transaction, ticket, StatusCodes.Status200OK, RoomShown.Of(room)),
            stop))));
    }

    public static async Task<IResult> List(CurrentAccount account, HttpContext context, RoomDesk desk, RoomLists lists, CancellationToken stop)
    {
        var (limit, beforeId) = (ChatInput.Limit(context.Request), ChatInput.BeforeId(context.Request));
        return limit is null && beforeId is null
            ? TypedResults.Bytes(await lists.Of(account.Id, stop), "application/json; charset=utf-8")
            : TypedResults.Ok((await desk.List(account.Id, limit, beforeId, stop)).Select(RoomShown.Of));
    }

    public static async Task<Results<Ok<WithMessages>, Refusal>> Show(string id, CurrentAccount account, HttpContext context, RoomDesk desk, CancellationToken stop)
    {
        var (limit, beforeId) = (ChatInput.Limit(context.Request), ChatInput.BeforeId(context.Request));
        return await desk.Find(account.Id, ChatInput.Id(id), stop) is { } room
            ? TypedResults.Ok(Of(room, await desk.Messages(account.Id, room.Id, limit ?? MostMessages, beforeId, stop)))
            : Refusal.NotFound(NoRoom);
    }

    public static async Task<Results<Ok<RoomShown>, Refusal>> Change(string id, Body<Request> body, CurrentAccount account, RoomDesk desk, CancellationToken stop)
    {
        var (name, pays) = (body.Value.Name is null && body.Value.Pays is not null ? null : ChatInput.Name(body.Value.Name), ChatInput.Pays(body.Value.Pays));
        return await desk.Change(account.Id, ChatInput.Id(id), name, pays, stop) is { } room ? TypedResults.Ok(RoomShown.Of(room)) : Refusal.NotFound(NoRoom);
    }

    public static async Task<Results<Ok<Deleted>, Refusal>> Delete(string id, CurrentAccount account, RoomDesk desk, CancellationToken stop) =>
        ChatInput.Id(id) is var room && await desk.Delete(account.Id, room, stop) ? TypedResults.Ok(new Deleted(room, true)) : Refusal.NotFound(NoRoom);

    private static WithMessages Of(ChatroomRow room, IReadOnlyList<MessageRow> messages)
    {
        var (id, name, createdAt, pays) = RoomShown.Of(room);
        return new WithMessages(id, name, createdAt, pays, messages.Select(MessageShown.Of));
    }
}
