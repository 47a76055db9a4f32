using System.Text.Json.Serialization;
using Ledgerline.Http;
using Ledgerline.Kernel;
using Ledgerline.Persistence;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Ledgerline.Identity;

/// <summary><c>POST /auth/send-otp</c> and <c>POST /auth/forgot-password</c>: a code on its way to the phone.</summary>
internal sealed class SendCode(
    RateLimiter limiter, Accounts accounts, OneTimeCodes codes, CodeCarrier carrier, IdentityOptions options, Ids ids, Database database)
{
    public static Task<Results<Ok<Answer>, Refusal>> ToSignIn(HttpContext context, Body<PhoneForm.Number> body, SendCode send, CancellationToken stop) =>
        send.Run(context, body.Value, CodePurpose.SignIn, digits => digits is null ? new Answer(null, "OTP sent") : new Answer(digits, null), stop);

    public static Task<Results<Ok<Answer>, Refusal>> ToReset(HttpContext context, Body<PhoneForm.Number> body, SendCode send, CancellationToken stop) =>
        send.Run(context, body.Value, CodePurpose.Reset, digits => new Answer(digits, "Password reset OTP sent"), stop);

    private async Task<Results<Ok<Answer>, Refusal>> Run(
        HttpContext context, PhoneForm.Number form, string purpose, Func<string?, Answer> answer, CancellationToken stop)
    {
        var number = PhoneForm.NumberOf(form.MobileNumber);
        if (await limiter.Take(context, number.Value, stop) is { } refusal)
        {
            return refusal;
        }

        if (carrier.IsOff)
        {
            return new Refusal(StatusCodes.Status503ServiceUnavailable, "Text messages are not configured");
        }

        var known = await accounts.FindActive(number, stop);
        if (known is null && options.EchoesCodes)
        {
            return Refusal.BadRequest("User not found");
        }

        // For a number that nobody has everything happens as for others, but nobody is there to be sent to.
        var owner = known ?? new AccountId(ids.Uuid());
        var code = await database.Write(
            async transaction =>
            {
                var made = await codes.Make(transaction, number, owner, purpose, stop);
                carrier.Send(transaction, made);
                return made;
            },
            stop);
        return TypedResults.Ok(answer(options.EchoesCodes ? code.Digits : null));
    }

    /// <param name="Otp">In Development only.</param>
    internal sealed record Answer(
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Otp,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Message);
}
