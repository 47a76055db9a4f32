using System.Text.Json;
using Ledgerline.Billing;
using Ledgerline.Kernel;
using Ledgerline.Persistence;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Bench;

/// <summary>A Stripe that says at once of every checkout that it is paid as ordered, so that what is measured is ours.</summary>
internal sealed class StripeStub : IAsyncDisposable
{
    private const string Session = "cs_test_";

    private readonly WebApplication app;
    private readonly Dictionary<string, CheckoutOrder> orders = [];

    private StripeStub(WebApplication app) => this.app = app;

    public string Address => app.Urls.First();

    /// <summary>The sessions that are paid and of which nobody has been told.</summary>
    public IReadOnlyList<string> Sessions { get; private set; } = [];

    public static async Task<StripeStub> Start()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var stub = new StripeStub(app);
        app.MapGet("/v1/checkout/sessions/{id}", (string id) => Results.Text(stub.SessionText(id), "application/json"));
        app.MapGet("/v1/refunds", () => Results.Text("""{"object":"list","data":[],"has_more":false,"url":"/v1/refunds"}""", "application/json"));
        await app.StartAsync();
        return stub;
    }

    /// <summary>Writes so many open orders of as many accounts.</summary>
    public async Task Order(Database database, int count)
    {
        var ids = new Ids(TimeProvider.System);
        foreach (var some in Enumerable.Range(0, count).Chunk(1000))
        {
            await database.Write(async transaction =>
            {
                foreach (var _ in some)
                {
                    var order = new CheckoutOrder
                    {
                        AccountId = new AccountId(ids.Uuid()),
                        Id = ids.Text(),
                        PackageId = "pro",
                        Credits = 2000,
                        PriceMinor = 1499,
                        Currency = "usd",
                        Status = OrderStatus.Open,
                        CreatedAt = TimeProvider.System.GetUtcNow(),
                    };
                    order = order with { SessionId = Session + order.Id.Replace("-", "", StringComparison.Ordinal) };
                    await CheckoutOrders.Insert(transaction, order, CancellationToken.None);
                    await CheckoutOrders.Save(transaction, order, CancellationToken.None);
                    orders[order.SessionId] = order;
                }
            });
        }

        Sessions = [.. orders.Keys];
    }

    public string SessionText(string id)
    {
        var order = orders[id];
        return JsonSerializer.Serialize(new
        {
            id,
            @object = "checkout.session",
            mode = "payment",
            status = "complete",
            payment_status = "paid",
            amount_subtotal = order.PriceMinor,
            amount_total = order.PriceMinor,
            currency = order.Currency,
            client_reference_id = order.AccountId.ToString(),
            metadata = order.Metadata,
            payment_intent = $"pi_{id}",
        });
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();
}
