using System.Text.Json;
using Ledgerline.Ai;
using Ledgerline.Gateway.Keys;
using Ledgerline.Http;
using Ledgerline.Kernel;
using Ledgerline.Usage;

namespace Ledgerline.Gateway.V1.Chat;

/// <summary>Chat completions: the body, the money, the model, the answer passed on or told in OpenAI's words.</summary>
internal sealed class V1Chat(PaidChat paid, ModelGateway gateway, ModelCatalog models, Idempotency idempotency, Ids ids, TimeProvider clock)
{
    public const string Action = "chat";

    /// <summary>Below the lease of an idempotency key.</summary>
    public static readonly TimeSpan LongestWhole = TimeSpan.FromSeconds(150);

    public static readonly TimeSpan LongestStream = TimeSpan.FromMinutes(30);

    // Longer than the work may take, or the sweeper would take back what is still in use.
    private static readonly TimeSpan Margin = TimeSpan.FromMinutes(5);

    public async Task<IResult> Run(HttpContext context, CurrentAccount caller)
    {
        using var body = await ChatBody.Read(context);
        var ask = ChatAsk.Read(body.Root, models);
        var order = ask.Model.Provider == ModelProvider.Gemini ? ChatTranslation.Of(body.Root, ask) : null;
        // A library repeats what got lost on its way; a stream it repeats only when asked to, and then it is begun anew.
        return await idempotency.Run(
            context, caller.Id, body.Fingerprint, ticket => Paid(context, caller, ask, body.Root, order, ticket), clientRepeats: !ask.Streams);
    }

    private async Task<IResult> Paid(HttpContext context, CurrentAccount caller, ChatAsk ask, JsonElement body, ChatOrder? order, IdempotencyTicket? ticket)
    {
        var use = new TokenUse(caller.Id, Action, ask.Model.Id, ask.Size.AtMost, ask.MostOutput, ids.Text(), (ask.Streams ? LongestStream : LongestWhole) + Margin) { Limit = KeyBudget.Of(caller.Key) };
        var metadata = new
        {
            stream = ask.Streams,
            key_id = caller.Key?.Id,
            request_id = context.Response.Headers[OpenAiErrors.RequestIdHeader].ToString(),
        };
        var wire = new ChatWire(context, remembers: ticket is not null);
        // What a client left is no answer to its key: asked again, it runs again.
        var outcome = await paid.Run(
            use,
            metadata,
            Ask(ask, body, order, wire, context.RequestAborted),
            (transaction, answered, settled) => ticket is null || answered.Reason == UseEnd.ClientGone
                ? Task.CompletedTask
                : idempotency.Keep(transaction, ticket, answered.Value.Exact(Cost.Of(settled))),
            context.RequestAborted);
        return outcome switch
        {
            ChatOutcome<Relayed>.Settled when ask.Streams && context.RequestAborted.IsCancellationRequested => new Gone(),
            ChatOutcome<Relayed>.Settled { Value: var answer, Settlement: var settled } => answer.Answer(Cost.Of(settled)),
            ChatOutcome<Relayed>.NotPaid { Answer: var answer } => V1Refusal.NotPaid(answer).Answer,
            ChatOutcome<Relayed>.Failed { Failure: var failure } => ProviderFaults.Chat.Of(failure).Answer,
            var other => throw new InvalidOperationException($"The work ended as {other}."),
        };
    }

    private Func<TokenAuthorization, Task<Answered<Relayed>>> Ask(ChatAsk ask, JsonElement body, ChatOrder? order, ChatWire wire, CancellationToken gone)
    {
        var answers = new ChatAnswers($"chatcmpl-{ids.Secret(18)}", ask.Model.Id, clock.GetUtcNow(), ask.WantsUsage);
        if (order is null)
        {
            var relayed = new RelayedChat(gateway, ask, UpstreamBody.Of(body, ask), answers);
            return authorization => ask.Streams ? relayed.Stream(authorization, wire, gone) : relayed.Whole(authorization);
        }

        var patience = ask.Streams
            ? new ChatPatience(TimeSpan.FromSeconds(110), TimeSpan.FromSeconds(110), LongestStream)
            : new ChatPatience(LongestWhole, LongestWhole, LongestWhole);
        var translated = new TranslatedChat(gateway, ask, order with { Patience = patience }, answers);
        return authorization => ask.Streams ? translated.Stream(authorization, wire, gone) : translated.Whole(authorization);
    }

    /// <summary>Nobody is there to be answered; no key keeps it.</summary>
    private sealed class Gone : IResult, IStatusCodeHttpResult
    {
        public int? StatusCode => StatusCodes.Status503ServiceUnavailable;

        public Task ExecuteAsync(HttpContext httpContext) => Task.CompletedTask;
    }
}
