using System.Text.Json;
using System.Text.Json.Nodes;
using Sandbox.Core;

namespace Sandbox.Stripe;

/// <summary>The control room's calls for Stripe: what buyers, banks and the road of the webhooks do.</summary>
internal static class StripeControl
{
    private const string Room = "/_sandbox/stripe";

    public static void Map(IEndpointRouteBuilder app, StripeWorld world)
    {
        app.MapPost(Room + "/checkout/{id}", async (HttpContext context, string id) =>
        {
            var input = await Json.Read<BuyerInput>(context);
            return Run(context, world, call => Paid(Session(call, id), CheckoutPayment.Pay(call, Session(call, id), input), call));
        });
        app.MapPost(Room + "/checkout/{id}/async", (HttpContext context, string id) => WithOutcome(context, world, ["succeeded", "failed"], (call, outcome) =>
        {
            CheckoutPayment.Settle(call, Session(call, id), outcome == "succeeded");
            return Paid(Session(call, id), null, call);
        }));
        app.MapPost(Room + "/checkout/{id}/expire", (HttpContext context, string id) => Run(context, world, call =>
        {
            var session = Session(call, id);
            if (session.Text("status") != "open")
            {
                throw new ControlException($"Only an open session can expire; this one is {session.Text("status")}.", 409);
            }

            CheckoutPayment.Expire(call, session);
            return Paid(session, null, call);
        }));
        app.MapPost(Room + "/payment_intents/{id}/async", (HttpContext context, string id) => WithOutcome(context, world, ["succeeded", "failed"], (call, outcome) =>
        {
            var intent = Found(call, "payment_intent", id);
            if (call.World.SessionOfIntent.TryGetValue(id, out var session))
            {
                CheckoutPayment.Settle(call, Session(call, session), outcome == "succeeded");
            }
            else
            {
                Payments.Settle(call, intent, outcome == "succeeded");
            }

            return Answer(intent);
        }));
        app.MapPost(Room + "/payment_intents/{id}/authenticate", (HttpContext context, string id) => Authenticate(context, world, "payment_intent", id));
        app.MapPost(Room + "/setup_intents/{id}/authenticate", (HttpContext context, string id) => Authenticate(context, world, "setup_intent", id));
        app.MapPost(Room + "/setup_intents/{id}", async (HttpContext context, string id) =>
        {
            var input = await Json.Read<BuyerInput>(context);
            return Run(context, world, call => SaveCard(call, Found(call, "setup_intent", id), input));
        });
        app.MapPost(Room + "/refunds", async (HttpContext context) =>
        {
            var wanted = await Json.Read<Wanted>(context);
            return Run(context, world, call => Answer(Refunds.Make(call, Refunds.Target(call), wanted.Amount)), wanted);
        });
        app.MapPost(Room + "/refunds/{id}/fail", (HttpContext context, string id) => Run(context, world, call => Answer(Refunds.Fail(call, Found(call, "refund", id)))));
        app.MapPost(Room + "/disputes", async (HttpContext context) =>
        {
            var wanted = await Json.Read<Wanted>(context);
            return Run(context, world, call => Answer(Disputes.Open(call, Refunds.Target(call), wanted.Reason ?? "fraudulent", wanted.Inquiry)), wanted);
        });
        app.MapPost(Room + "/disputes/{id}/close", (HttpContext context, string id) => WithOutcome(context, world, ["won", "lost"], (call, outcome) =>
            Answer(Disputes.Close(call, Found(call, "dispute", id), outcome == "won"))));
        app.MapGet(Room + "/events", (HttpContext context, string? type, int? limit) => Run(context, world, call => Json.Answer(Events(call, type, limit ?? 50))));
        app.MapGet(Room + "/webhooks", (WebhookSender sender) => Json.Answer(Modes(sender.Modes("stripe"), world.Events.Disguise)));
        app.MapPost(Room + "/webhooks", (HttpContext context, WebhookSender sender) => SetModes(context, sender, world));
    }

    /// <summary>Events with what became of their deliveries, newest first.</summary>
    public static IReadOnlyList<EventView> Events(StripeCall call, string? type, int limit)
    {
        var deliveries = call.World.Events.Deliveries();
        return [.. call.World.All("event").Where(one => type is null || one.Text("type") == type).Take(limit).Select(one => new EventView(
            one.Id(), one.Text("type")!, one.Long("created"), one.Text("api_version"), one.Child("data")!.Text("object", "id"),
            [.. deliveries[one.Id()].Select(delivery => new DeliveryView(delivery.Url, delivery.State, delivery.Attempts))]))];
    }

    internal sealed record EventView(string Id, string Type, long Created, string? ApiVersion, string? ObjectId, IReadOnlyList<DeliveryView> Deliveries);

    internal sealed record DeliveryView(Uri Url, string State, IReadOnlyList<WebhookAttempt> Attempts);

    private sealed record Outcome
    {
        [System.Text.Json.Serialization.JsonPropertyName("outcome")]
        public string? Word { get; init; }
    }

    private sealed record Wanted
    {
        public string? PaymentIntent { get; init; }
        public string? Charge { get; init; }
        public long? Amount { get; init; }
        public string? Reason { get; init; }
        public bool Inquiry { get; init; }
    }

    /// <summary>How the next events travel and look; what is not named goes back to normal.</summary>
    private sealed record WebhookSettings
    {
        /// <summary>Extra copies; <c>true</c> means one.</summary>
        public JsonElement Duplicate { get; init; }
        public bool Reorder { get; init; }
        public int DelayMs { get; init; }
        public bool Hold { get; init; }
        public string? ApiVersion { get; init; }
        public bool WrongSignature { get; init; }
        public bool OldTimestamp { get; init; }
    }

    private static IResult Run(HttpContext context, StripeWorld world, Func<StripeCall, IResult> act, Wanted? wanted = null)
    {
        var named = new JsonObject();
        if (wanted?.PaymentIntent is not null)
        {
            named["payment_intent"] = wanted.PaymentIntent;
        }

        if (wanted?.Charge is not null)
        {
            named["charge"] = wanted.Charge;
        }

        lock (world.Gate)
        {
            world.Origin = context.Origin();
            world.Agenda.CatchUp();
            try
            {
                return act(new StripeCall(world, context.Origin()) { Params = new Params(named) });
            }
            catch (StripeError refusal)
            {
                throw new ControlException(refusal.Message, refusal.Code == "resource_missing" ? 404 : 409);
            }
        }
    }

    private static async Task<IResult> WithOutcome(HttpContext context, StripeWorld world, string[] words, Func<StripeCall, string, IResult> act)
    {
        var word = (await Json.Read<Outcome>(context)).Word;
        return words.Contains(word)
            ? Run(context, world, call => act(call, word!))
            : throw new ControlException($"outcome must be one of {string.Join(", ", words)}.");
    }

    private static Task<IResult> Authenticate(HttpContext context, StripeWorld world, string kind, string id) =>
        WithOutcome(context, world, ["succeeded", "failed"], (call, outcome) =>
        {
            var intent = Found(call, kind, id);
            if (call.World.SessionOfIntent.TryGetValue(id, out var session))
            {
                throw new ControlException($"This payment belongs to {session}: answer at {Room}/checkout/{session} with {{\"confirm\":true}}.", 409);
            }

            AuthenticationPage.Pass(call, intent, outcome == "succeeded");
            return Answer(intent);
        });

    private static IResult SaveCard(StripeCall call, JsonObject intent, BuyerInput input)
    {
        SetupIntents.CheckOpen(intent, "confirm");
        if (input is { Card: null, Confirm: { } answer })
        {
            SetupIntents.Answer(call, intent, answer);
            return Answer(intent);
        }

        var number = input.Card ?? "4242424242424242";
        var method = PaymentMethods.Make(call, TestCard.ByName(number) ?? PaymentMethods.CardOf(number));
        if (SetupIntents.Try(call, intent, method, null, authenticated: false) is null && intent.Text("status") == "requires_action" && input.Confirm is { } confirmed)
        {
            SetupIntents.Answer(call, intent, confirmed);
        }

        return Answer(intent);
    }

    private static IResult Paid(JsonObject session, PayRefusal? refusal, StripeCall call)
    {
        var answer = new JsonObject
        {
            ["status"] = session.Text("status"),
            ["payment_status"] = session.Text("payment_status"),
            ["payment_intent"] = session.Text("payment_intent"),
            ["redirect_url"] = refusal is null ? CheckoutPayment.RedirectUrl(session) : null,
        };
        if (session.Text("subscription") is { } subscription)
        {
            answer["subscription"] = subscription;
        }

        if (CheckoutPayment.Waits(call, session))
        {
            answer["next_action"] = "confirm";
        }

        if (refusal is not null)
        {
            answer["error"] = new JsonObject { ["code"] = refusal.Code, ["decline_code"] = refusal.DeclineCode, ["message"] = refusal.Message };
        }

        return Json.Answer(answer, refusal?.SessionIsOver == true ? 409 : 200);
    }

    private static async Task<IResult> SetModes(HttpContext context, WebhookSender sender, StripeWorld world)
    {
        var settings = await Json.Read<WebhookSettings>(context);
        var copies = settings.Duplicate.ValueKind switch
        {
            JsonValueKind.True => 1,
            JsonValueKind.Number when settings.Duplicate.TryGetInt32(out var number) => number,
            JsonValueKind.Undefined or JsonValueKind.False or JsonValueKind.Null => 0,
            _ => -1,
        };
        if (copies is < 0 or > 100 || settings.DelayMs < 0)
        {
            throw new ControlException("duplicate is true, false or a number of extra copies up to 100; delay_ms is at least 0.");
        }

        var disguise = new EventDisguise { ApiVersion = settings.ApiVersion, WrongSignature = settings.WrongSignature, OldTimestamp = settings.OldTimestamp };
        var modes = new WebhookModes { Duplicate = copies, Reorder = settings.Reorder, DelayMs = settings.DelayMs, Hold = settings.Hold };
        lock (world.Gate)
        {
            world.Events.Disguise = disguise;
            sender.SetModes("stripe", modes);
        }

        return Json.Answer(Modes(modes, disguise));
    }

    private static object Modes(WebhookModes modes, EventDisguise disguise) => new
    {
        modes.Duplicate,
        modes.Reorder,
        modes.DelayMs,
        modes.Hold,
        disguise.ApiVersion,
        disguise.WrongSignature,
        disguise.OldTimestamp,
    };

    private static JsonObject Session(StripeCall call, string id) => Found(call, "checkout.session", id);

    private static JsonObject Found(StripeCall call, string kind, string id) =>
        call.World.Find(kind, id) ?? throw StripeError.Missing(StripeWorld.NameOf(kind), id, null);

    private static IResult Answer(JsonObject subject) => Json.Answer(subject.Copy());
}
