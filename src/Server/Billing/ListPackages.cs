using Microsoft.AspNetCore.Http.HttpResults;

namespace Ledgerline.Billing;

/// <summary>What is for sale.</summary>
internal static class ListPackages
{
    public sealed record Answer(string Id, string Name, long Credits, long PriceCents, string Currency);

    public static Ok<IReadOnlyList<Answer>> Handle(Packages packages) => TypedResults.Ok<IReadOnlyList<Answer>>(
    [
        .. packages.All.Select(package =>
            new Answer(package.Id, package.Name, package.Credits, package.Price.Minor, package.Price.Currency.ToUpperInvariant())),
    ]);
}
