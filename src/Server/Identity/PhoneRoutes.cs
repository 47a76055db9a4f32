using Ledgerline.Http;

namespace Ledgerline.Identity;

/// <summary>Signing in with a phone number: the addresses that the chat clients know.</summary>
internal static class PhoneRoutes
{
    private const string SampleNumber = "+15550100123";
    private const string Digits = "530025";

    public static void MapPhones(this IEndpointRouteBuilder app)
    {
        var routes = app.MapGroup("").WithMetadata(AreaWords.Chat).WithTags("Sign-in by phone");
        MapSignIn(routes);
        MapPasswords(routes);
    }

    private static void MapSignIn(RouteGroupBuilder routes)
    {
        routes.MapPost("/auth/signup", SignUpPhone.Handle)
            .AllowAnonymous()
            .WithMetadata(RateLimit.SignIn)
            .WithName("SignUpPhone")
            .WithSummary("Create an account for a phone number")
            .WithDescription(
                """
                The number is written as E.164: spaces, dashes and brackets are dropped, ten digits alone are North American. The password may be
                left out. A number that has an account answers the same and changes nothing.
                """)
            .Example(new PhoneForm.Said("User registered"))
            .ExampleRequest(new SignUpPhone.Request(SampleNumber, "correct horse"));
        routes.MapPost("/auth/send-otp", SendCode.ToSignIn)
            .AllowAnonymous()
            .DocumentedAsSending("SendOtp", "Send a code to sign in with", "OTP sent");
        routes.MapPost("/auth/verify-otp", VerifyCode.Handle)
            .AllowAnonymous()
            .WithMetadata(RateLimit.CodeCheck)
            .WithName("VerifyOtp")
            .WithSummary("Sign in with a code")
            .WithDescription(
                """
                A code is good for 15 minutes, one use and five attempts; a new one takes its place. Of several requests with one right code at the
                same time one succeeds. The token is good for seven days.
                """)
            .Example(new VerifyCode.Answer("eyJhbGciOiJIUzI1NiIs…"))
            .ExampleRequest(new PhoneForm.Code(SampleNumber, Digits))
            .Refuses(StatusCodes.Status401Unauthorized, "the code is wrong, over, used, or was guessed at too often", "Invalid OTP");
    }

    private static void MapPasswords(RouteGroupBuilder routes)
    {
        routes.MapPost("/auth/forgot-password", SendCode.ToReset)
            .AllowAnonymous()
            .DocumentedAsSending("ForgotPassword", "Send a code to set a new password with", "Password reset OTP sent");
        routes.MapPost("/auth/reset-password", ResetPassword.Handle)
            .AllowAnonymous()
            .WithMetadata(RateLimit.CodeCheck)
            .WithName("ResetPassword")
            .WithSummary("Set a new password with a code")
            .WithDescription("Ends every sign-in session of the account: within 60 seconds on every node.")
            .Parameter("query", "new_password", "In place of the body's, for clients that put it here.")
            .Example(new PhoneForm.Said("Password reset successfully"))
            .ExampleRequest(new ResetPassword.Request(SampleNumber, Digits, "correct horse"))
            .Refuses(StatusCodes.Status400BadRequest, "the code is wrong, used, or was guessed at too often", "Invalid OTP")
            .Refuses(StatusCodes.Status400BadRequest, "the code is right and too late", "OTP expired");
        routes.MapPost("/auth/change-password", ChangePassword.Handle)
            .RequireAuthorization()
            .WithMetadata(RateLimit.Everything)
            .WithName("ChangePassword")
            .WithSummary("Change the password")
            .WithDescription(
                """
                The old password is `old_password` or `current_password`. Ends every other sign-in session of the account: within 60 seconds on
                every node. After ten wrong ones in a row within 15 minutes the password cannot be changed for 15 minutes.
                """)
            .Parameter("query", "new_password", "In place of the body's, for clients that put it here.")
            .Example(new PhoneForm.Said("Password changed successfully"))
            .ExampleRequest(new { current_password = "correct horse", new_password = "battery staple" })
            .Refuses(StatusCodes.Status400BadRequest, "the old password is wrong", "Invalid old password")
            .Refuses(StatusCodes.Status400BadRequest, "the account has no password", "No password set for this user")
            .Refuses(StatusCodes.Status429TooManyRequests, "it was guessed at too often", "Too many wrong passwords. Please try again later.");
    }

    private static void DocumentedAsSending(this RouteHandlerBuilder route, string name, string summary, string message) => route
        .WithMetadata(RateLimit.CodeSending)
        .WithName(name)
        .WithSummary(summary)
        .WithDescription(
            """
            Six digits by SMS, once a minute and five times an hour to a number. A number that nobody has answers the same, and nothing is sent.
            Only in Development the digits are in the answer too, and an unknown number is 400.
            """)
        .Example(new SendCode.Answer(null, message))
        .ExampleRequest(new PhoneForm.Number(SampleNumber))
        .Refuses(StatusCodes.Status400BadRequest, "in Development nobody has the number", "User not found")
        .Refuses(StatusCodes.Status503ServiceUnavailable, "nobody carries text messages", "Text messages are not configured");
}
