using Sandbox.Core;

namespace Sandbox.Google;

/// <summary>The page where a person chooses an account and says yes or no.</summary>
internal static class ConsentPage
{
    private static readonly string[] AlwaysGranted = ["openid", "email", "profile"];

    public static IResult Show(HttpContext context, SandboxOptions options, GoogleAccounts accounts)
    {
        var query = context.Request.QueryString.Value ?? "";
        try
        {
            var request = AuthRequest.Parse(query, options);
            return Page.Show("Sign in", Form(request, query, accounts.People, null), narrow: true);
        }
        catch (GoogleError refusal)
        {
            return Refuse(refusal);
        }
    }

    public static async Task<IResult> Decide(HttpContext context, SandboxOptions options, GoogleAccounts accounts)
    {
        var form = context.Request.HasFormContentType ? await context.Request.ReadFormAsync(context.RequestAborted) : FormCollection.Empty;
        var query = form["request"].ToString();
        try
        {
            var request = AuthRequest.Parse(query, options);
            if (form["decision"] != "allow")
            {
                return SeeOther(request.Redirect(("error", "access_denied")));
            }

            var email = form["email"].ToString();
            if (!GooglePerson.IsEmail(email))
            {
                return Page.Show("Sign in", Form(request, query, accounts.People, "Enter an e-mail address."), 400, narrow: true);
            }

            var granted = request.Scope.Split(' ', StringSplitOptions.RemoveEmptyEntries)
                .Where(scope => AlwaysGranted.Contains(scope) || form["scope"].Contains(scope));
            return SeeOther(Allow(request, GooglePerson.Of(email, form["name"]), string.Join(' ', granted), request.Nonce, accounts).RedirectUrl);
        }
        catch (GoogleError refusal)
        {
            return Refuse(refusal);
        }
    }

    /// <summary>What the Allow button does: a code, and the redirect that carries it.</summary>
    public static (string Code, string RedirectUrl) Allow(AuthRequest request, GooglePerson person, string scope, string? nonce, GoogleAccounts accounts)
    {
        var code = accounts.NewCode(person, scope, request, nonce);
        return (code, request.Redirect(("code", code), ("scope", scope), ("authuser", "0"), ("prompt", "consent")));
    }

    private static Html Form(AuthRequest request, string query, IReadOnlyList<GooglePerson> people, string? problem)
    {
        var email = request.LoginHint ?? (people.Count > 0 ? people[0].Email : "ada@example.com");
        var asked = request.Scope.Split(' ', StringSplitOptions.RemoveEmptyEntries).Where(scope => !AlwaysGranted.Contains(scope)).ToList();
        return Html.Of($"""
            <section><h1>Sign in</h1><p class="soft">to continue to <strong>{new Uri(request.RedirectUri).Authority}</strong>. This page plays Google's part; any address works.</p>
            {(problem is null ? Html.Empty : Html.Of($"""<p class="bad" role="alert">{problem}</p>"""))}
            <form method="post" action="/google/o/oauth2/v2/auth"><input type="hidden" name="request" value="{query}">
            <label>E-mail<input name="email" type="email" list="people" value="{email}" autocomplete="off" required></label>
            <datalist id="people">{people.Select(person => Html.Of($"""<option value="{person.Email}">{person.Name}</option>"""))}</datalist>
            <label>Name, if you like<input name="name" autocomplete="off"></label>
            {asked.Select(scope => Html.Of($"""<label><input type="checkbox" name="scope" value="{scope}" checked> <code>{scope}</code></label>"""))}
            <p class="row"><button class="go" name="decision" value="allow">Allow</button><button name="decision" value="deny" formnovalidate>Deny</button></p></form></section>
            """);
    }

    private static IResult Refuse(GoogleError refusal) => Page.Show("Error", Html.Of($"""
        <section><h1>This request was refused</h1><p>{refusal.Message}</p><p class="soft">Error 400: {refusal.Code}</p></section>
        """), 400, narrow: true);

    private static SeeOtherResult SeeOther(string url) => new(url);

    /// <summary>303, so that a form that was posted is followed by a GET.</summary>
    private sealed class SeeOtherResult(string url) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.StatusCode = 303;
            httpContext.Response.Headers.Location = url;
            return Task.CompletedTask;
        }
    }
}
