using Ledgerline.Http;
using Ledgerline.Kernel;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Ledgerline.Identity;

/// <summary><c>POST /update-user-name</c>: how the signed-in person wants to be called.</summary>
internal static class UpdateUserName
{
    private const int Longest = 100;

    public static async Task<Ok<Answer>> Handle(CurrentAccount current, Body<Request> body, Accounts accounts, CancellationToken stop)
    {
        var name = NameOf(body.Value);
        await accounts.Rename(current.Id, name, stop);
        return TypedResults.Ok(new Answer($"User name updated to: {name}", name));
    }

    private static string NameOf(Request request) => (request.Name ?? throw Invalid.Missing("body", "name")).Trim() switch
    {
        { Length: 0 or > Longest } => throw new Invalid("body", "name", $"The name must have 1 to {Longest} characters"),
        var name when !ShownText.IsFit(name) => throw new Invalid("body", "name", "The name must not contain control characters"),
        var name => name,
    };

    /// <param name="Name">Trimmed; 1 to 100 characters.</param>
    internal sealed record Request(string? Name);

    internal sealed record Answer(string Message, string Name);
}
