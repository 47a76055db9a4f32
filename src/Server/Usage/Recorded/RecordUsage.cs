using System.Globalization;
using Ledgerline.Http;
using Ledgerline.Identity;
using Ledgerline.Persistence;

namespace Ledgerline.Usage.Recorded;

/// <summary><c>POST /payments/record-usage</c>: what the caller's own account used, at our price.</summary>
internal static class RecordUsage
{
    private const int LongestUnit = 50;
    private const long LargestResource = (1L << 53) - 1;

    /// <param name="CostPerUnit">US dollars; counts only for operators.</param>
    public sealed record Request(string? ServiceType, long? UsageAmount, string? UsageUnit, long? ResourceId, decimal? CostPerUnit);

    /// <param name="TotalCost">In cents.</param>
    public sealed record Answer(bool Success, long UsageRecordId, long TotalCost, string Message);

    public static async Task<IResult> Handle(
        HttpContext context, Body<Request> body, CurrentAccount caller, Accounts accounts, ServiceUsage usage, Database database, Idempotency idempotency,
        CancellationToken stop)
    {
        var request = body.Value;
        var use = Read(request, caller) with { UnitPrice = await OwnPrice(request.CostPerUnit, caller, accounts, stop) };
        return await idempotency.Run(context, caller.Id, () => string.Create(CultureInfo.InvariantCulture, $"{use.Service} {use.Amount} {use.Resource} {use.UnitPrice} {use.Unit}"), async ticket =>
            await database.Write(
                async transaction =>
                {
                    var recorded = await usage.Record(transaction, use, stop);
                    if (recorded.Amount != use.Amount || recorded.Unit != use.Unit)
                    {
                        return (IResult)new Refusal(StatusCodes.Status409Conflict, "Usage of this resource is recorded already, with another amount");
                    }

                    var answer = new Answer(true, recorded.Id, recorded.TotalCents, $"Recorded {recorded.Amount} {recorded.Unit} of {recorded.Service}");
                    if (ticket is not null)
                    {
                        await idempotency.Keep(transaction, ticket, StatusCodes.Status200OK, answer);
                    }

                    return TypedResults.Ok(answer);
                },
                stop));
    }

    private static NewServiceUse Read(Request request, CurrentAccount caller)
    {
        var service = MeteredService.Find(request.ServiceType ?? throw Invalid.Missing("body", "service_type"))
            ?? throw new Invalid("body", "service_type", $"Input should be one of {string.Join(", ", MeteredService.All.Select(one => one.Name))}", "enum");
        var amount = request.UsageAmount ?? throw Invalid.Missing("body", "usage_amount");
        if (amount is < 1 or > ExactCost.LargestAmount)
        {
            throw new Invalid("body", "usage_amount", $"Input should be a whole number from 1 to {ExactCost.LargestAmount}", "out_of_range");
        }

        var unit = request.UsageUnit ?? throw Invalid.Missing("body", "usage_unit");
        if (unit.Trim().Length is 0 || unit.Length > LongestUnit || unit.Any(char.IsControl))
        {
            throw new Invalid("body", "usage_unit", $"Input should be 1 to {LongestUnit} characters on one line", "string_length");
        }

        return request.ResourceId is < 1 or > LargestResource
            ? throw new Invalid("body", "resource_id", "Input should be a positive integer below 2^53", "out_of_range")
            : new NewServiceUse(caller.Id, service.Name, amount)
            {
                Unit = unit.Trim(),
                Resource = request.ResourceId?.ToString(CultureInfo.InvariantCulture),
            };
    }

    // Null, and so our price, for everybody but operators.
    private static async Task<decimal?> OwnPrice(decimal? price, CurrentAccount caller, Accounts accounts, CancellationToken stop) => price switch
    {
        null => null,
        _ when await accounts.Find(caller.Id, stop) is not { IsAdmin: true } => null,
        { } own when ExactCost.IsPrice(own) => own,
        _ => throw new Invalid("body", "cost_per_unit", "Input should be from 0 to 1000 US dollars with at most 18 digits after the point", "out_of_range"),
    };
}
