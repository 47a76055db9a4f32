using System.Globalization;
using System.Text;
using Ledgerline.Http;
using Ledgerline.Kernel;

namespace Ledgerline.Usage.Recorded;

/// <summary><c>GET /payments/usage.csv</c>: every use of a month, a line each, sent while it is read.</summary>
internal static class ExportUsage
{
    public const string ContentType = "text/csv; charset=utf-8; header=present";

    private static readonly string[] Heading =
    [
        "usage_record_id", "recorded_at", "billing_period", "service_type", "usage_amount", "usage_unit", "cost_per_unit", "total_cost", "currency", "resource_id",
    ];

    public static IResult Handle(HttpRequest request, CurrentAccount caller, ServiceUsage usage, TimeProvider clock) =>
        new Csv(caller.Id, ShowUsageSummary.Month(request, clock), usage);

    private sealed class Csv(AccountId account, BillingMonth month, ServiceUsage usage) : IResult
    {
        public async Task ExecuteAsync(HttpContext httpContext)
        {
            var (answer, stop) = (httpContext.Response, httpContext.RequestAborted);
            answer.ContentType = ContentType;
            answer.Headers.ContentDisposition = $"attachment; filename=\"usage-{month}.csv\"";
            var text = new StringBuilder();
            CsvLine.Append(text, Heading);
            // The first page is read before anything is sent: a failure until then is told as one.
            await foreach (var page in usage.Pages(account, month, stop))
            {
                foreach (var use in page)
                {
                    CsvLine.Append(text, Cells(use));
                }

                await Send(answer, text, stop);
            }

            await Send(answer, text, stop);
        }

        private static string?[] Cells(ServiceUse use) =>
        [
            Number(use.Id), use.RecordedAt.Iso(), use.BillingPeriod, use.Service, Number(use.Amount), use.Unit, use.UnitPrice, Number(use.TotalCents), "usd", use.Resource,
        ];

        private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

        private static async Task Send(HttpResponse answer, StringBuilder text, CancellationToken stop)
        {
            if (text.Length > 0)
            {
                await answer.WriteAsync(text.ToString(), Encoding.UTF8, stop);
                text.Clear();
            }
        }
    }
}
