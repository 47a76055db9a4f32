using System.Text.Json.Nodes;
using Sandbox.Core;
using Sandbox.Stripe.Billing;

namespace Sandbox.Stripe;

/// <summary>Everything this Stripe knows. One gate guards it; nothing inside the gate waits.</summary>
internal sealed class StripeWorld
{
    private readonly Dictionary<string, JsonObject> _byId = [];
    private readonly Dictionary<string, List<JsonObject>> _byKind = [];

    public StripeWorld(SandboxClock clock, SandboxOptions options, WebhookSender sender, ILogger log)
    {
        Clock = clock;
        Options = options;
        Keys = new IdempotencyKeys(clock);
        Events = new Events(this, sender);
        Agenda = new Agenda(this, log);
    }

    public Lock Gate { get; } = new();
    public SandboxClock Clock { get; }
    public SandboxOptions Options { get; }
    public IdempotencyKeys Keys { get; }
    public Events Events { get; }
    public Agenda Agenda { get; }

    /// <summary>What subscriptions and invoices need to remember beside their objects.</summary>
    public BillingState Billing { get; } = new();

    /// <summary>The sandbox's address as the last caller wrote it: for links in what time itself makes.</summary>
    public string Origin { get; set; } = "";

    /// <summary>What a payment method's card does, by the payment method's id; a bank debit has none.</summary>
    public Dictionary<string, TestCard> Cards { get; } = [];

    /// <summary>Payment methods that were used without a customer, or detached: Stripe takes them only once.</summary>
    public HashSet<string> UsedUp { get; } = [];

    /// <summary>The line items of each Checkout session; its own object shows them only when asked.</summary>
    public Dictionary<string, JsonArray> LineItems { get; } = [];

    /// <summary>The Checkout session that made a payment intent, by the intent's id.</summary>
    public Dictionary<string, string> SessionOfIntent { get; } = [];

    /// <summary>What <c>payment_intent_data</c> asked for, by session id.</summary>
    public Dictionary<string, JsonObject> IntentData { get; } = [];

    /// <summary>Signing secrets of webhook endpoints, by endpoint id.</summary>
    public Dictionary<string, string> EndpointSecrets { get; } = [];

    public void Add(JsonObject made)
    {
        _byId[made.Id()] = made;
        var kind = made.Text("object")!;
        if (!_byKind.TryGetValue(kind, out var all))
        {
            _byKind[kind] = all = [];
        }

        all.Add(made);
    }

    public JsonObject? Find(string? id) => id is null ? null : _byId.GetValueOrDefault(id);

    /// <summary>An object of this kind; deleted ones are not found.</summary>
    public JsonObject? Find(string kind, string? id) =>
        Find(id) is { } found && found.Text("object") == kind && !found.Flag("deleted") ? found : null;

    /// <summary>Newest first; deleted ones left out, and those that are made while this is read.</summary>
    public IEnumerable<JsonObject> All(string kind)
    {
        if (_byKind.GetValueOrDefault(kind) is not { } all)
        {
            yield break;
        }

        for (var at = all.Count - 1; at >= 0; at--)
        {
            if (!all[at].Flag("deleted"))
            {
                yield return all[at];
            }
        }
    }

    /// <summary>Leaves nothing but the fact that it was there.</summary>
    public static JsonObject Delete(JsonObject gone)
    {
        var id = gone.Id();
        var kind = gone.Text("object");
        gone.Clear();
        return gone.With(("id", id), ("object", kind), ("deleted", true));
    }

    /// <summary>Does something when the sandbox's clock gets there; called inside the gate.</summary>
    public void At(long unixSeconds, Action<StripeCall> due) => Agenda.At(unixSeconds, due);

    public void Reset()
    {
        lock (Gate)
        {
            Agenda.Clear();
            Billing.Clear();
            _byId.Clear();
            _byKind.Clear();
            Cards.Clear();
            UsedUp.Clear();
            LineItems.Clear();
            SessionOfIntent.Clear();
            IntentData.Clear();
            EndpointSecrets.Clear();
            Keys.Clear();
            Events.Clear();
        }
    }

    /// <summary>How Stripe's messages name a kind of object.</summary>
    public static string NameOf(string kind) => kind switch
    {
        "payment_method" => "PaymentMethod",
        "setup_intent" => "setupintent",
        "promotion_code" => "promotion code",
        "subscription_item" => "subscription item",
        "billing.meter" => "meter",
        _ => kind,
    };
}
