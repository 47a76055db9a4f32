using Ledgerline.Http;
using Microsoft.AspNetCore.Authorization;

namespace Ledgerline.Identity;

/// <summary>Asks of a route that an operator calls it: <c>RequireAuthorization(Operators.Policy)</c>. Everybody else who is signed in gets 403.</summary>
public sealed class Operators : IAuthorizationRequirement
{
    public const string Policy = "operators";
}

/// <summary>Looks at the account itself: who is no operator any more is refused at once, whatever token is shown.</summary>
internal sealed class OperatorCheck(Accounts accounts) : AuthorizationHandler<Operators>
{
    protected override async Task HandleRequirementAsync(AuthorizationHandlerContext context, Operators requirement)
    {
        if (CurrentAccount.Of(context.User) is { } current && await accounts.Find(current.Id) is { IsAdmin: true, IsActive: true })
        {
            context.Succeed(requirement);
        }
    }
}
