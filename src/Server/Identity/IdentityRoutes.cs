using Ledgerline.Http;

namespace Ledgerline.Identity;

/// <summary>Every address of Identity.</summary>
internal static class IdentityRoutes
{
    private static readonly TokenAnswer SampleTokens = new("eyJhbGciOiJIUzI1NiIs…", "Qm9yZWFsaXMtaXMtbm90LWEtcmVhbC10b2tlbi1hdC1h");

    public static void MapIdentity(this IEndpointRouteBuilder app)
    {
        var routes = app.MapGroup("").WithMetadata(FlatValidation.Form).WithTags("Sign-in");
        MapSignIn(routes);
        MapSession(routes);
        MapProfile(routes);
        app.MapPhones();
    }

    private static void MapSignIn(RouteGroupBuilder routes)
    {
        routes.MapPost("/auth/register", SignUp.Handle)
            .AllowAnonymous()
            .WithMetadata(RateLimit.SignIn)
            .WithName("Register")
            .WithSummary("Create an account with e-mail and password")
            .WithDescription("The e-mail is trimmed and compared in lower case; the password may be any 1 to 256 characters. Signs in at once.")
            .Example(SampleTokens)
            .ExampleRequest(new { email = "jane@example.com", password = "correct horse" })
            .Refuses(StatusCodes.Status400BadRequest, "somebody has registered this e-mail", "Email already registered");
        routes.MapPost("/auth/login", LogIn.Handle)
            .AllowAnonymous()
            .DocumentedAsForm("LogIn", "Incorrect username or password");
        routes.MapPost("/token", LogIn.HandleToken)
            .AllowAnonymous()
            .DocumentedAsForm("Token", "Incorrect email or password");
    }

    private static void MapSession(RouteGroupBuilder routes)
    {
        routes.MapPost("/auth/refresh", RefreshSession.Handle)
            .AllowAnonymous()
            .WithMetadata(RateLimit.Refresh)
            .WithName("Refresh")
            .WithSummary("Exchange a refresh token for a new pair")
            .WithDescription(
                """
                The token comes in the body, or as the cookie `refresh_token` or `token`. It stays usable until one of its successors has been
                presented; presenting it after that ends the whole sign-in session. Several exchanges at the same time all succeed.
                """)
            .Accepts<RefreshSession.Request>(isOptional: true, "application/json")
            .Example(SampleTokens)
            .ExampleRequest(new { refresh_token = SampleTokens.RefreshToken })
            .Refuses(StatusCodes.Status401Unauthorized, "there is no token", "Refresh token missing")
            .Refuses(StatusCodes.Status401Unauthorized, "the token is unknown, over, or its session has ended", "Refresh token invalid or expired");
        routes.MapPost("/auth/logout", LogOut.Handle)
            .AllowAnonymous()
            .WithMetadata(RateLimit.Everything)
            .WithName("LogOut")
            .WithSummary("End the sign-in session")
            .WithDescription(
                """
                Ends the session of the bearer token, expired or not: its access tokens within 60 seconds on every node, its refresh tokens at
                once. Always answers 200.
                """)
            .Example(new LogOut.Answer("Logged out successfully"));
    }

    private static void MapProfile(RouteGroupBuilder routes)
    {
        routes.MapGet("/users/me", Me.Handle)
            .RequireAuthorization()
            .WithMetadata(RateLimit.Everything)
            .WithName("UsersMe")
            .WithSummary("Who is signed in")
            .WithDescription("`id` is the account's number. `name` is the full name, else what stands before the @ of the e-mail.")
            .Example(new Me.Answer(4503599627370497, "jane@example.com", true, false, "Jane Doe", "Jane Doe"));
        routes.MapGet("/protected", Me.Greet)
            .RequireAuthorization()
            .WithMetadata(RateLimit.Everything)
            .WithName("Protected")
            .WithSummary("A greeting for whoever is signed in")
            .WithDescription("For clients that only want to know whether their token is still good.")
            .Example(new Me.Greeting("Hello, jane@example.com"));
        routes.MapPost("/update-user-name", UpdateUserName.Handle)
            .RequireAuthorization()
            .WithMetadata(RateLimit.Everything)
            .WithName("UpdateUserName")
            .WithSummary("Change the full name")
            .WithDescription("Trimmed; 1 to 100 characters.")
            .Example(new UpdateUserName.Answer("User name updated to: Jane Doe", "Jane Doe"))
            .ExampleRequest(new { name = "Jane Doe" });
    }

    private static void DocumentedAsForm(this RouteHandlerBuilder route, string name, string wrong) => route
        .WithMetadata(RateLimit.SignIn)
        .WithName(name)
        .WithSummary("Sign in with e-mail and password")
        .WithDescription(
            """
            A form with `username` (the e-mail) and `password`. After ten failures in a row within 15 minutes the e-mail is locked for 15
            minutes, the right password included. From the iOS client the form is read literally first, because that client does not encode it.
            """)
        .Accepts<SignInForm>("application/x-www-form-urlencoded", "multipart/form-data")
        .Example(SampleTokens)
        .ExampleRequest(new { username = "jane@example.com", password = "correct horse" })
        .Refuses(StatusCodes.Status401Unauthorized, "nobody has this e-mail and password", wrong)
        .Refuses(StatusCodes.Status429TooManyRequests, "the e-mail is locked", "Too many failed sign-ins. Please try again later.");

    /// <summary>As the document shows it; the handler reads the form itself.</summary>
    internal sealed record SignInForm(string Username, string Password);
}
