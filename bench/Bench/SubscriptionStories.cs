using System.Net.Http.Json;
using System.Text.Json;
using Ledgerline.Billing.Subscriptions;
using Ledgerline.Kernel;
using Ledgerline.Persistence;
using Ledgerline.Plans;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Sandbox.Core;

namespace Bench;

/// <summary>What happens to subscriptions within a month: they are paid, changed, cancelled, refunded, renewed, and some are not paid any more.</summary>
internal static class SubscriptionStories
{
    /// <summary>How many events one of them has on average.</summary>
    public const int EventsEach = 28;

    private static readonly string[] Kinds = ["customer.subscription.", "invoice.", "invoice_payment."];

    public static bool IsAbout(string text) =>
        JsonDocument.Parse(text).RootElement.GetProperty("type").GetString() is { } type && Kinds.Any(kind => type.StartsWith(kind, StringComparison.Ordinal));

    /// <summary>So many accounts subscribe, in all the ways there are.</summary>
    public static async Task Begin(WebApplication shop, HttpClient stripe, int count)
    {
        var services = shop.Services;
        var (desk, ids) = (services.GetRequiredService<SubscriptionDesk>(), services.GetRequiredService<Ids>());
        var (catalog, book) = (services.GetRequiredService<PlanCatalog>(), services.GetRequiredService<PlanPriceBook>());
        for (var i = 0; i < count; i++)
        {
            var account = new AccountId(ids.Uuid());
            var id = await Subscribe(account, i % 2 == 0 ? "basic_monthly" : "business_basic", "pm_card_visa");
            if (i % 4 == 1)
            {
                await Subscribe(account, "business_professional", null);
            }

            var subscription = await Get(stripe, $"subscriptions/{id}?expand[]=latest_invoice.payments");
            if (i % 5 == 0)
            {
                await EventConvergence.Control(stripe, "refunds", new { payment_intent = Payment(subscription), amount = 700 });
            }

            Task happens = (i % 6) switch
            {
                0 => Post(stripe, $"subscriptions/{id}", ("cancel_at_period_end", "true")),
                1 => Delete(stripe, $"subscriptions/{id}"),
                2 => StopPaying(stripe, id, subscription.GetProperty("customer").GetString()!),
                _ => Task.CompletedTask,
            };
            await happens;
        }

        async Task<string> Subscribe(AccountId account, string planId, string? card)
        {
            var plan = (await catalog.Find(planId))!;
            var wanted = new WantedPlan(account, plan, await book.PricesOf(plan, CancellationToken.None), card);
            return (await desk.Subscribe(wanted, (_, _) => Task.CompletedTask, CancellationToken.None))!.Id;
        }
    }

    /// <summary>Past every renewal and the hour in which its invoice stays open.</summary>
    public static async Task PassMonth(SandboxClock clock, HttpClient stripe)
    {
        clock.Advance(TimeSpan.FromDays(31));
        await Get(stripe, "customers?limit=1");
        clock.Advance(TimeSpan.FromHours(2));
        await Get(stripe, "customers?limit=1");
    }

    /// <summary>Takes away what else would find out: the jobs that look again, and the nightly comparison.</summary>
    public static async Task LeaveItToTheEvents(string file)
    {
        await using var database = Database.Open($"sqlite:{file}");
        await database.Write(async transaction =>
        {
            await transaction.Execute("DELETE FROM jobs");
            await transaction.Execute("UPDATE recurring SET next_at = next_at + @year", new { year = (long)TimeSpan.FromDays(365).TotalMilliseconds });
            await transaction.Execute("UPDATE checkout_orders SET review_at = NULL");
        });
    }

    private static async Task StopPaying(HttpClient stripe, string id, string customer)
    {
        var card = (await Post(stripe, "payment_methods/pm_card_chargeCustomerFail/attach", ("customer", customer))).GetProperty("id").GetString()!;
        await Post(stripe, $"subscriptions/{id}", ("default_payment_method", card));
    }

    private static string? Payment(JsonElement subscription) =>
        subscription.GetProperty("latest_invoice").GetProperty("payments").GetProperty("data")[0].GetProperty("payment").GetProperty("payment_intent").GetString();

    private static Task<JsonElement> Get(HttpClient stripe, string path) => stripe.GetFromJsonAsync<JsonElement>($"/stripe/v1/{path}");

    private static async Task<JsonElement> Post(HttpClient stripe, string path, params (string Name, string Value)[] form)
    {
        using var content = new FormUrlEncodedContent(form.Select(one => KeyValuePair.Create(one.Name, one.Value)));
        using var answer = await stripe.PostAsync($"/stripe/v1/{path}", content);
        answer.EnsureSuccessStatusCode();
        return await answer.Content.ReadFromJsonAsync<JsonElement>();
    }

    private static async Task Delete(HttpClient stripe, string path)
    {
        using var answer = await stripe.DeleteAsync($"/stripe/v1/{path}");
        answer.EnsureSuccessStatusCode();
    }
}
