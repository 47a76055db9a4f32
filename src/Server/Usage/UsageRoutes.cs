using Ledgerline.Http;
using Ledgerline.Usage.Recorded;

namespace Ledgerline.Usage;

/// <summary>The routes of what was used.</summary>
internal static class UsageRoutes
{
    private const string Month = "2026-11";

    public static void MapUsage(this IEndpointRouteBuilder app)
    {
        var routes = app.MapGroup("/payments").WithTags("Usage").RequireAuthorization().WithMetadata(FlatValidation.Form, RateLimit.Everything);
        routes.MapPost("/record-usage", RecordUsage.Handle)
            .WithName("RecordUsage")
            .WithSummary("Record something that was used")
            .WithDescription(
                "For the account that is signed in, at the price of the plan that is paid by use; `cost_per_unit`, in US dollars, counts only for operators. "
                + "What the products do for an account they record by themselves. A `resource_id` is recorded once for each service: repeating it answers the "
                + "record there is. `total_cost` is in cents: price times amount, rounded half up once.")
            .Parameter("header", Idempotency.Header, "1 to 255 visible characters: the same key answers the same and records once.", "6f1d2c3a")
            .ExampleRequest(new { service_type = "voice_call", usage_amount = 5, usage_unit = "minutes", resource_id = 4503599627370497 })
            .Produces<RecordUsage.Answer>()
            .Example(new RecordUsage.Answer(true, 4503599627370497, 25, "Recorded 5 minutes of voice_call"))
            .Refuses(StatusCodes.Status409Conflict, "the first request with this key is still running", "A request with this Idempotency-Key is still being processed")
            .Refuses(
                StatusCodes.Status409Conflict, "the resource is recorded with another amount", "Usage of this resource is recorded already, with another amount");

        routes.MapGet("/usage-summary", ShowUsageSummary.Handle)
            .WithName("ShowUsageSummary")
            .WithSummary("What was used in a month")
            .WithDescription("By service, with its cost in cents; each service is rounded once, and the total is their sum. Months are UTC months. `allowances` are those of the "
                + "plan or trial as they stand now, `refused` is what was refused in the month for lack of one.")
            .Parameter("query", ShowUsageSummary.Period, "The month; this one when it is not given.", Month)
            .Example(new ShowUsageSummary.Answer(
                true, Month, new Dictionary<string, ShowUsageSummary.Line> { ["voice_call"] = new(23, 115, "minutes", 4) }, 115, "usd",
                [new("voice_minutes", 23, 100, 77, "2026-11-05T10:00:00Z", "2026-12-05T10:00:00Z")], [new("voice_call", "monthly_limit_reached", 2)]));

        routes.MapGet("/usage.csv", ExportUsage.Handle)
            .WithName("ExportUsage")
            .WithSummary("Every use of a month as CSV")
            .WithDescription("A line for each record, the oldest first, as RFC 4180 has it. No cell is read as a formula by a spreadsheet: one that would be begins with an apostrophe.")
            .Parameter("query", ShowUsageSummary.Period, "The month; this one when it is not given.", Month)
            .Produces<string>(StatusCodes.Status200OK, "text/csv");
    }
}
