using System.Text.Json.Nodes;
using Sandbox.Core;

namespace Sandbox.Stripe.Billing;

/// <summary>The control room's calls for subscriptions: what a customer's browser does to an invoice, and how failures go on.</summary>
internal static class BillingControl
{
    private const string Room = "/_sandbox/stripe";

    public static void Map(IEndpointRouteBuilder app, StripeWorld world)
    {
        app.MapPost(Room + "/invoices/{id}/pay", async (HttpContext context, string id) =>
        {
            var input = await Json.Read<BuyerInput>(context);
            return Run(context, world, call => Answer(call, Invoice(call, id), InvoicePage.Pay(call, Invoice(call, id), input)));
        });
        app.MapPost(Room + "/subscriptions/{id}/pay", async (HttpContext context, string id) =>
        {
            var input = await Json.Read<BuyerInput>(context);
            return Run(context, world, call =>
            {
                var subscription = call.World.Find("subscription", id) ?? throw StripeError.Missing("subscription", id, null);
                var invoice = Invoice(call, subscription.Text("latest_invoice") ?? "");
                return Answer(call, invoice, InvoicePage.Pay(call, invoice, input));
            });
        });
        app.MapGet(Room + "/dunning", (HttpContext context) => Run(context, world, call => Json.Answer(call.World.Billing.Rules)));
        app.MapPost(Room + "/dunning", async (HttpContext context) =>
        {
            var rules = await Json.Read<DunningRules>(context);
            if (rules.Then is not ("cancel" or "unpaid" or "past_due") || rules.UpcomingDays < 0
                || rules.RetryDays.Any(day => day < 1) || !rules.RetryDays.Order().SequenceEqual(rules.RetryDays))
            {
                throw new ControlException("retry_days are rising numbers of at least 1; then is cancel, unpaid or past_due; upcoming_days is at least 0.");
            }

            return Run(context, world, call =>
            {
                call.World.Billing.Rules = rules;
                return Json.Answer(rules);
            });
        });
    }

    private static IResult Run(HttpContext context, StripeWorld world, Func<StripeCall, IResult> act)
    {
        lock (world.Gate)
        {
            try
            {
                return act(StripeCall.Begin(world, context.Origin()));
            }
            catch (StripeError refusal)
            {
                throw new ControlException(refusal.Message, refusal.Code == "resource_missing" ? 404 : 409);
            }
        }
    }

    private static JsonObject Invoice(StripeCall call, string id) => call.World.Find("invoice", id) ?? throw StripeError.Missing("invoice", id, null);

    private static IResult Answer(StripeCall call, JsonObject invoice, CardFailure? failure)
    {
        var intent = InvoicePayments.Intent(call.World, invoice);
        var subscription = InvoicePayments.Subscription(call.World, invoice);
        var answer = new JsonObject
        {
            ["invoice"] = invoice.Id(),
            ["status"] = invoice.Text("status"),
            ["payment_intent"] = intent?.Id(),
            ["payment_intent_status"] = intent?.Text("status"),
            ["subscription"] = subscription?.Id(),
            ["subscription_status"] = subscription?.Text("status"),
        };
        if (intent?.Text("status") == "requires_action")
        {
            answer["next_action"] = "confirm";
        }

        if (failure is not null)
        {
            answer["error"] = new JsonObject { ["code"] = failure.Code, ["decline_code"] = failure.DeclineCode, ["message"] = failure.Message };
        }

        return Json.Answer(answer);
    }
}
