using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Ledgerline.Kernel;
using Ledgerline.Plans;
using Tests.World;
using Xunit;

namespace Tests.Billing.Subscriptions;

/// <summary>Somebody signed in who subscribes to plans, as the web client does.</summary>
internal sealed class Subscriber(PlanShop shop, HttpClient node, AccountId account, string email, string token)
{
    public AccountId Account => account;

    public string Email => email;

    /// <summary>The access token.</summary>
    public string Token => token;

    /// <summary>The same at another node.</summary>
    public Subscriber At(HttpClient other) => new(shop, other, account, email, token);

    /// <summary>Signs in again where the clock has gone on too far.</summary>
    public async Task<(HttpStatusCode Status, JsonElement Body)> Send(HttpMethod method, string path, object? body = null, string? idempotencyKey = null)
    {
        var answer = await SendOnce(method, path, body, idempotencyKey);
        if (answer.Status != HttpStatusCode.Unauthorized)
        {
            return answer;
        }

        using var signedIn = await node.PostAsync("/auth/login", new FormUrlEncodedContent([new("username", email), new("password", PlanShop.Password)]));
        Assert.Equal(HttpStatusCode.OK, signedIn.StatusCode);
        token = (await signedIn.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("access_token").GetString()!;
        return await SendOnce(method, path, body, idempotencyKey);
    }

    private async Task<(HttpStatusCode Status, JsonElement Body)> SendOnce(HttpMethod method, string path, object? body, string? idempotencyKey)
    {
        using var request = new HttpRequestMessage(method, path) { Headers = { Authorization = new("Bearer", token) } };
        if (body is not null)
        {
            request.Content = JsonContent.Create(body);
        }

        if (idempotencyKey is not null)
        {
            request.Headers.Add("Idempotency-Key", idempotencyKey);
        }

        using var answer = await node.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        return (answer.StatusCode, text.Length == 0 ? default : JsonDocument.Parse(text).RootElement);
    }

    /// <summary>Must be answered 200.</summary>
    public async Task<JsonElement> Ask(HttpMethod method, string path, object? body = null, string? idempotencyKey = null)
    {
        var (status, answer) = await Send(method, path, body, idempotencyKey);
        Assert.True(status == HttpStatusCode.OK, $"{path}: {(int)status} {answer}");
        return answer;
    }

    public async Task<(HttpStatusCode Status, JsonElement Body)> TrySubscribe(string plan, string? card = "pm_card_visa", string? price = null, string? key = null) =>
        await Send(HttpMethod.Post, "/payments/create-subscription", Wanted(plan, price ?? await shop.Price(plan), card), key);

    /// <summary>Subscribes and answers the subscription's id.</summary>
    public async Task<string> Subscribe(string plan, string? card = "pm_card_visa")
    {
        var (status, body) = await TrySubscribe(plan, card);
        Assert.True(status == HttpStatusCode.OK, $"{(int)status} {body}");
        Assert.True(body.GetProperty("success").GetBoolean());
        return body.GetProperty("subscription_id").GetString()!;
    }

    public static object Wanted(string plan, string price, string? card) =>
        card is null ? new { price_id = price, plan_name = plan } : new { price_id = price, plan_name = plan, payment_method_id = card };

    public Task<JsonElement> Status() => Ask(HttpMethod.Get, "/payments/subscription-status");

    public async Task<string> StatusWord() => (await Status()).GetProperty("status").GetString()!;

    public async Task<JsonElement[]> History() =>
        [.. (await Ask(HttpMethod.Get, "/payments/billing-history?limit=100")).GetProperty("billing_history").EnumerateArray()];

    /// <summary>Amounts, statuses and descriptions, the oldest first.</summary>
    public async Task<string> Paid() => string.Join(", ", (await History()).Reverse().Select(record =>
        $"{record.GetProperty("amount").GetInt64()} {record.GetProperty("status").GetString()} {record.GetProperty("description").GetString()}"));

    /// <summary>The plan of a product that gives access now; null when none does.</summary>
    public async Task<string?> Plan(string product = PlanProduct.VoiceFeatures) =>
        (await shop.Get<Entitlements>().Of(account)).Active(product)?.Plan.Id;

    public Task Has(string? plan, string product = PlanProduct.VoiceFeatures) =>
        TestWorld.Until(async () => await Plan(product) == plan, $"the plan of {product} is {plan ?? "none"}");

    public Task Becomes(string status) => TestWorld.Until(async () => await StatusWord() == status, $"the subscription is {status}");

    /// <summary>What Stripe has of this account that is not over.</summary>
    public async Task<JsonElement[]> AtStripe()
    {
        var customer = await shop.CustomerOf(account);
        return customer is null ? [] : [.. (await shop.Stripe($"subscriptions?customer={customer}&limit=100")).GetProperty("data").EnumerateArray()];
    }

    /// <summary>Waits until these are the mails so far, in any order: each is the news of a job that comes right after the clock.</summary>
    public Task Mailed(params string[] steps) => TestWorld.Until(
        async () => (await Mails()).Select(key => key.Split(':')[0]).Order(StringComparer.Ordinal).SequenceEqual(steps.Order(StringComparer.Ordinal)),
        $"the mails are {string.Join(", ", steps)}");

    /// <summary>Subjects of the mails of this account, the oldest first.</summary>
    public async Task<IReadOnlyList<string>> Mails() =>
        await shop.Rows<string>($"SELECT notice_key FROM notices WHERE account_id = '{account}' ORDER BY created_at, notice_key");
}
