using Ledgerline.Http;

namespace Ledgerline.Chat;

/// <summary>Every address of Chat.</summary>
internal static class ChatRoutes
{
    private const string Time = "2026-11-20T08:12:57Z";

    private static readonly RoomShown SampleRoom = new(7339815469056, "Travel plans", Time, RoomPays.Allowance);
    private static readonly MessageShown Question = new(7339815473152, Sender.User, "What is double entry?", Time, null);
    private static readonly MessageShown Reply = new(7339815477248, Sender.Bot, "Every entry has a counter entry.", Time, Question.Id);

    public static void MapChat(this IEndpointRouteBuilder app)
    {
        var routes = app.MapGroup("").WithMetadata(AreaWords.Chat).RequireAuthorization().WithTags("Chat");
        MapUser(routes);
        MapPro(routes);
        MapRooms(routes);
        MapRoom(routes);
        MapMessages(routes);
    }

    private static void MapUser(RouteGroupBuilder routes)
    {
        routes.MapGet("/user/me", ShowUser.Handle)
            .WithMetadata(RateLimit.Everything)
            .WithName("ChatUserMe")
            .WithSummary("Who is signed in")
            .WithDescription("`id` is the account's number. `mobile_number` is empty for an account that signs in otherwise.")
            .Example(new ShowUser.Answer(4503599627370497, "+15550100123", true, ChatTiers.Basic));
        routes.MapGet("/user/usage", ShowChatUsage.Handle)
            .WithMetadata(RateLimit.Everything)
            .WithName("ChatUsage")
            .WithSummary("Messages of the day")
            .WithDescription("Days begin at midnight UTC. With Pro `daily_limit` and `remaining` are `\"unlimited\"`; messages are counted all the same.")
            .Example(new ShowChatUsage.Answer(ChatTiers.Basic, 5, 2, 3));
    }

    private static void MapPro(RouteGroupBuilder routes)
    {
        routes.MapPost("/subscription/pro", ProSubscription.Start)
            .WithMetadata(RateLimit.Purchases)
            .WithName("StartPro")
            .WithSummary("Buy Pro")
            .WithDescription("Answers the address of Stripe's page where Pro is paid. It begins with the payment and ends with the paid period after it was cancelled.")
            .Example(new ProSubscription.Page("https://checkout.stripe.com/c/pay/cs_1"))
            .Refuses(400, "the account has Pro", ProSubscription.Already)
            .Refuses(400, "Stripe is off, or does not answer", ProSubscription.Unavailable);
        routes.MapGet("/subscription/status", ProSubscription.Show)
            .WithMetadata(RateLimit.Everything)
            .WithName("ProStatus")
            .WithSummary("Basic or Pro")
            .WithDescription("`pro` as long as it is paid for, three days of grace included.")
            .Example(new ProSubscription.Answer(ChatTiers.Pro));
    }

    private static void MapRooms(RouteGroupBuilder routes)
    {
        routes.MapPost("/chatroom/", Chatrooms.Create)
            .WithMetadata(RateLimit.Everything)
            .WithName("CreateChatroom")
            .WithSummary("Make a room")
            .WithDescription("`pays` says what its messages are paid with: `allowance`, the messages of the day (the default), "
                + "`credits`, by the tokens that are used, or `pay_as_you_go`, by the message on the next invoice of the plan that bills what is used.")
            .ExampleRequest(new Chatrooms.Request("Travel plans"))
            .Parameter("header", Idempotency.Header, "The same key makes one room and answers the same.", "7d0c1a52")
            .Example(SampleRoom);
        routes.MapGet("/chatroom/", Chatrooms.List)
            .WithMetadata(RateLimit.Everything)
            .WithName("ListChatrooms")
            .WithSummary("The account's rooms")
            .WithDescription("The oldest first. A room is in the list as soon as it is made, on every node.")
            .Parameter("query", "limit", "1 to 1000: only so many of the newest.", 50)
            .Parameter("query", "before_id", "Only older ones than this.", SampleRoom.Id)
            .Example(new[] { SampleRoom });
    }

    private static void MapRoom(RouteGroupBuilder routes)
    {
        routes.MapGet("/chatroom/{id}", Chatrooms.Show)
            .WithMetadata(RateLimit.Everything)
            .WithName("ShowChatroom")
            .WithSummary("A room and its messages")
            .WithDescription("The newest 1000 messages unless `limit` and `before_id` say otherwise, the oldest of them first. An answer names in `answers` the message it answers.")
            .Parameter("path", "id", "As the list has it.", SampleRoom.Id)
            .Parameter("query", "limit", "1 to 1000.", 50)
            .Parameter("query", "before_id", "Only older ones than this.", Reply.Id)
            .Example(new Chatrooms.WithMessages(SampleRoom.Id, SampleRoom.Name, Time, RoomPays.Allowance, [Question, Reply]))
            .NoRoom();
        foreach (var method in (string[])["PATCH", "PUT"])
        {
            routes.MapMethods("/chatroom/{id}", [method], Chatrooms.Change)
                .WithMetadata(RateLimit.Everything)
                .WithName(method == "PUT" ? "RenameChatroom" : "ChangeChatroom")
                .WithSummary("Rename a room")
                .WithDescription("Or say what its next messages are paid with.")
                .Parameter("path", "id", "As the list has it.", SampleRoom.Id)
                .ExampleRequest(new Chatrooms.Request("Travel plans"))
                .Example(SampleRoom)
                .NoRoom();
        }

        routes.MapDelete("/chatroom/{id}", Chatrooms.Delete)
            .WithMetadata(RateLimit.Everything)
            .WithName("DeleteChatroom")
            .WithSummary("Delete a room")
            .WithDescription("With all its messages; what waits for an answer is not answered any more. The day's count stays.")
            .Parameter("path", "id", "As the list has it.", SampleRoom.Id)
            .Example(new Chatrooms.Deleted(SampleRoom.Id, true))
            .NoRoom();
        routes.MapGet("/chatroom/{id}/export", ExportChatroom.Handle)
            .WithMetadata(RateLimit.Everything)
            .WithName("ExportChatroom")
            .WithSummary("A whole room as a file")
            .WithDescription("All its messages, as JSON.")
            .Parameter("path", "id", "As the list has it.", SampleRoom.Id)
            .Produces<Chatrooms.WithMessages>()
            .Example(new Chatrooms.WithMessages(SampleRoom.Id, SampleRoom.Name, Time, RoomPays.Allowance, [Question, Reply]))
            .NoRoom();
    }

    private static void MapMessages(RouteGroupBuilder routes)
    {
        routes.MapPost("/chatroom/{id}/message", PostMessage.Handle)
            .WithMetadata(RateLimit.Everything)
            .WithName("PostMessage")
            .WithSummary("Say something")
            .WithDescription(
                "Answers as soon as the message is stored; the reply follows as a message of its own whose `answers` names this one. Poll the room, or "
                + "listen to its events. What was answered with an error is not stored and not counted.")
            .ExampleRequest(new PostMessage.Request(Question.Content))
            .Parameter("path", "id", "As the list has it.", SampleRoom.Id)
            .Parameter("header", Idempotency.Header, "The same key posts once and answers the same.", "7d0c1a52")
            .Produces<PostMessage.Answer>()
            .Example(PostMessage.Accepted(Question.Id))
            .Refuses(402, "the room is paid with credits and an answer could cost more than there are", new { error = "Insufficient credits", code = "INSUFFICIENT_CREDITS", credits_needed = 3, credits_available = 1 })
            .Refuses(402, "the room is paid as you go, and no plan of the account bills messages", PostMessage.NotByUse(hasPlan: false))
            .Refuses(429, "the day's messages are used up", PostMessage.UsedUp)
            .NoRoom();
        routes.MapGet("/chatroom/{id}/events", RoomEvents.Handle)
            .WithMetadata(RateLimit.Everything)
            .WithName("ChatroomEvents")
            .WithSummary("A room as it happens")
            .WithDescription(
                """
                Server-sent events, as `/api/events` sends them, but only this room's: `message` with each message that is there, `room_deleted`,
                and while an answer is written `reply_delta` with its next characters (`answers`: the message, `offset`: after how many
                characters of the answer). After a lost connection send the last `id` as `Last-Event-ID`: missed messages come first, and an
                answer that is being written comes from its beginning.
                """)
            .Produces<string>(StatusCodes.Status200OK, "text/event-stream")
            .Example("""
                id: 41
                data: {"type":"connected","message":"Real-time updates active"}

                id: 41
                data: {"room_id":7339815469056,"answers":7339815473152,"offset":0,"text":"Every entry","type":"reply_delta"}

                """)
            .Parameter("path", "id", "As the list has it.", SampleRoom.Id)
            .Parameter("header", "Last-Event-ID", "The `id` of the last event that was received: what came after it is sent first.", "41")
            .Parameter("query", "last_event_id", "The same, for clients that cannot set the header.", "41")
            .NoRoom();
    }

    private static RouteHandlerBuilder NoRoom(this RouteHandlerBuilder route) => route.Refuses(404, "the account has no such room", Chatrooms.NoRoom);
}
