using System.Text.Json;
using System.Text.RegularExpressions;
using Ledgerline.Http;
using Ledgerline.Kernel;

namespace Ledgerline.Plans.Admin;

/// <summary>What an operator wants a plan to say. Whatever makes no sense is refused with a sentence, before anything is done.</summary>
/// <param name="PlanId">Letters, digits and underscores; up to 64.</param>
/// <param name="Name">1 to 100 characters.</param>
/// <param name="PlanType"><c>monthly</c>, <c>yearly</c> or <c>usage</c>.</param>
/// <param name="Features">What the plan promises; replaces what it promised before.</param>
/// <param name="Pricing"><c>price</c>, <c>currency</c>, <c>interval</c>, <c>product</c>, <c>trial_days</c>, <c>weekly_calls</c>, or unit prices.</param>
internal sealed partial record PlanOrder(string? PlanId, string? Name, string? PlanType, JsonElement? Features, JsonElement? Pricing)
{
    private const int LongestId = 64;
    private const int LongestName = 100;

    /// <summary>Null when the id is one; else what is wrong with it.</summary>
    public Refusal? IdFault() => PlanId is null ? throw Invalid.Missing("body", "plan_id")
        : !Identifier().IsMatch(PlanId) ? Refusal.BadRequest("Plan ID must contain only alphanumeric characters and underscores")
        : PlanId.Length > LongestId ? throw new Invalid("body", "plan_id", $"A plan's id has at most {LongestId} characters")
        : null;

    /// <summary>Whether a plan may be called so; nobody else is looked for.</summary>
    public static bool IsId(string text) => text.Length <= LongestId && Identifier().IsMatch(text);

    /// <summary>A plan that does not exist yet.</summary>
    public PlanDraft Draft() => Readable(Read);

    /// <summary>The next version of one that exists: what is not said stays as it is.</summary>
    public PlanDraft Next(Plan plan) => Readable(() => Follow(plan));

    private PlanDraft Read()
    {
        var type = TypeOf(PlanType ?? throw Invalid.Missing("body", "plan_type"));
        var features = FeatureOrder.Read(Features ?? throw Invalid.Missing("body", "features"));
        var pricing = PricingOrder.Read(Pricing, type);
        var product = pricing.Product ?? (type == Plans.PlanType.Usage || pricing.WeeklyCalls is null && !features.ContainsKey(PlanFeatures.WeeklyCalls)
            ? PlanProduct.VoiceFeatures
            : PlanProduct.Calls);
        return Checked(new PlanDraft(PlanId!, NameOf(Name ?? throw Invalid.Missing("body", "name")), type, product, pricing.Price, features.Json(pricing.WeeklyCalls))
        {
            Pricing = Pricing,
            TrialDays = pricing.TrialDays ?? 0,
        });
    }

    private PlanDraft Follow(Plan plan)
    {
        var type = PlanType is null ? plan.Type : TypeOf(PlanType);
        var pricing = PricingOrder.Read(Pricing ?? plan.Pricing, type);
        if (pricing.Product is { } product && product != plan.Product)
        {
            throw new Invalid("body", "pricing.product", $"{plan.Id} is a plan of {plan.Product}, which cannot be changed: make another plan");
        }

        // The number of calls is listed beside the features, so who sends these may leave it out.
        var features = FeatureOrder.Read(Features ?? plan.Features);
        if (!features.ContainsKey(PlanFeatures.WeeklyCalls) && plan.Features.TryGetProperty(PlanFeatures.WeeklyCalls, out var calls))
        {
            features[PlanFeatures.WeeklyCalls] = calls;
        }

        var weeklyCalls = Pricing is null ? null : pricing.WeeklyCalls;
        if (weeklyCalls is not null && Features is null)
        {
            features.Remove(PlanFeatures.WeeklyCalls);
        }

        return Checked(new PlanDraft(
            plan.Id, Name is null ? plan.Name : NameOf(Name), type, plan.Product, type == Plans.PlanType.Usage ? null : pricing.Price ?? plan.Price,
            features.Json(weeklyCalls))
        {
            Pricing = Pricing ?? plan.Pricing,
            Store = plan.Store,
            IsCore = plan.IsCore,
            TrialDays = pricing.TrialDays ?? plan.TrialDays,
        });
    }

    private static PlanDraft Checked(PlanDraft draft)
    {
        if (draft.Type == Plans.PlanType.Usage && draft.Product != PlanProduct.VoiceFeatures)
        {
            throw new Invalid("body", "pricing.product", "What is billed by use is a plan of voice_features");
        }

        if (draft.Type == Plans.PlanType.Usage && draft.Pricing?.EnumerateObject().Any(one => PricingOrder.UnitPrices.Contains(one.Name)) != true)
        {
            throw new Invalid("body", "pricing", $"A plan that is billed by use needs a unit price: {string.Join(", ", PricingOrder.UnitPrices)}");
        }

        foreach (var feature in draft.Features.EnumerateObject())
        {
            var product = feature.Name switch
            {
                PlanFeatures.WeeklyCalls or PlanFeatures.MonthlyCalls => PlanProduct.Calls,
                PlanFeatures.VoiceMinutes or PlanFeatures.SmsMessages or PlanFeatures.CustomScenarios or PlanFeatures.TranscriptionStorage => PlanProduct.VoiceFeatures,
                PlanFeatures.MessagesPerDay => PlanProduct.ChatPro,
                _ => draft.Product,
            };
            if (product != draft.Product)
            {
                throw new Invalid("body", $"features.{feature.Name}", $"{feature.Name} is promised by plans of {product}, and this is a plan of {draft.Product}");
            }
        }

        return draft;
    }

    // JSON can escape half a character, which no text can hold: its reader notices when the text is asked for.
    private static PlanDraft Readable(Func<PlanDraft> read)
    {
        try
        {
            return read();
        }
        catch (InvalidOperationException)
        {
            throw new Invalid("body", "", "A text in the body is not readable");
        }
    }

    private static string TypeOf(string type) => Plans.PlanType.Offered.Contains(type)
        ? type
        : throw new Invalid("body", "plan_type", $"plan_type must be one of {string.Join(", ", Plans.PlanType.Offered)}");

    private static string NameOf(string name) => name.Trim() switch
    {
        { Length: 0 or > LongestName } => throw new Invalid("body", "name", $"The name must have 1 to {LongestName} characters"),
        var text when !ShownText.IsFit(text) => throw new Invalid("body", "name", "The name must not contain control characters"),
        var text => text,
    };

    [GeneratedRegex("^[A-Za-z0-9_]+\\z", RegexOptions.CultureInvariant)]
    private static partial Regex Identifier();
}
