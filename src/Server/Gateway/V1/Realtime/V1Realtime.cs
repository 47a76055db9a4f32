using Ledgerline.Ai;
using Ledgerline.Gateway.Keys;
using Ledgerline.Http;
using Ledgerline.Identity;
using Ledgerline.Kernel;
using Ledgerline.Providers.Wire;
using Ledgerline.Usage;

namespace Ledgerline.Gateway.V1.Realtime;

/// <summary><c>GET /v1/realtime</c>: a conversation in speech with a model, as OpenAI's libraries hold it, paid from the credit wallet as it goes.</summary>
internal sealed class V1Realtime(
    ModelGateway gateway, ModelCatalog models, Meter meter, PriceBook prices, BearerStanding standing, RealtimeKeeper keeper, Drain drain, Ids ids, TimeProvider clock, ILogger<V1Realtime> log)
{
    // The provider takes pieces of audio of up to 15 MiB.
    private const int LargestEvent = 16 * 1024 * 1024;
    private const string Protocol = "realtime";

    public static Task<IResult> Handle(HttpContext context, CurrentAccount caller, V1Realtime realtime) => realtime.Run(context, caller);

    private async Task<IResult> Run(HttpContext context, CurrentAccount caller)
    {
        var model = Model(context.Request);
        if (!context.WebSockets.IsWebSocketRequest)
        {
            context.Response.Headers.Upgrade = "websocket";
            throw new V1Refusal(StatusCodes.Status426UpgradeRequired, "This address takes WebSockets only.");
        }

        if (drain.Stopping)
        {
            throw new V1Refusal(StatusCodes.Status503ServiceUnavailable, "No conversations are begun here now.", code: "provider_busy");
        }

        var (session, tally) = (ids.Text(), new RealtimeTally(model));
        var metadata = new { key_id = caller.Key?.Id, session, request_id = context.Response.Headers[OpenAiErrors.RequestIdHeader].ToString() };
        using var lease = new RealtimeLease(meter, caller.Id, KeyBudget.Of(caller.Key), model, session, metadata, clock, log);
        var paid = await lease.Begin(tally, context.RequestAborted);
        if (paid.Authorization is not { } authorization)
        {
            throw V1Refusal.NotPaid(paid);
        }

        await using var kept = keeper.Keep(caller.Id, session, model, metadata, () => lease.Standing(tally));
        using var provider = await Open(authorization, lease, kept, context.RequestAborted);
        using var line = await Accept(context, lease, kept);
        var relay = new RealtimeRelay(line, provider, lease, tally, new CallerEvents(tally, prices.Knows), new ModelEvents(tally, model), ids, clock, log);
        var end = await relay.Run(stop => standing.Stands(context, caller, stop), drain.LastCall, kept.Lost, context.RequestAborted);
        await kept.Over();
        log.LogInformation("The session {Session} with {Model} ended: {Reason}", session, model, end.Reason);
        return Results.Empty;
    }

    private string Model(HttpRequest request)
    {
        foreach (var other in (string[])["call_id", "intent"])
        {
            if (request.Query.ContainsKey(other))
            {
                throw V1Refusal.Wrong(other, $"{other} is not supported: name a model.", "unsupported_parameter");
            }
        }

        return request.Query["model"].ToString() is not { Length: > 0 } model ? throw V1Refusal.Wrong("model", "The query must name a model.", "missing_required_parameter")
            : models.Speaking(model) is { } sold ? sold.Id
            : throw V1Refusal.NoModel(model.Length > 100 ? model[..100] : model);
    }

    private static async Task<TextSocket> Accept(HttpContext context, RealtimeLease lease, RealtimeKeeper.Kept kept)
    {
        try
        {
            return new TextSocket(
                await context.WebSockets.AcceptWebSocketAsync(new WebSocketAcceptContext
                {
                    SubProtocol = context.WebSockets.WebSocketRequestedProtocols.Contains(Protocol) ? Protocol : null,
                    KeepAliveInterval = TextSocket.Ping,
                    KeepAliveTimeout = TextSocket.Ping,
                }),
                LargestEvent);
        }
        catch
        {
            await NotBegun(lease, kept, UseEnd.ClientGone);
            throw;
        }
    }

    private async Task<TextSocket> Open(VoiceAuthorization authorization, RealtimeLease lease, RealtimeKeeper.Kept kept, CancellationToken stop)
    {
        try
        {
            return await gateway.Converse(authorization, stop);
        }
        catch (Exception failure)
        {
            await NotBegun(lease, kept, ModelFailure.Upstream);
            if (failure is ModelFailure broken)
            {
                log.LogWarning("A session could not be opened: {Reason}: {What}", broken.Reason, broken.Message);
                throw ProviderFaults.Voice.Of(broken);
            }

            throw;
        }
    }

    private static async Task NotBegun(RealtimeLease lease, RealtimeKeeper.Kept kept, string reason)
    {
        await lease.End(null, isEstimated: false, reason);
        await kept.Over();
    }
}
