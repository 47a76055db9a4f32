using System.Text;
using Ledgerline.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;

namespace Ledgerline.Identity;

/// <summary>One reading of a sign-in form. The e-mail is normalised.</summary>
internal sealed record Credentials(string Email, string Password);

/// <summary>
/// Reads <c>username</c> and <c>password</c>. The iOS client does not encode its form, so its body is read literally first and as a form
/// second; both readings together are one attempt.
/// </summary>
internal static class LogInForm
{
    private const int LargestBytes = 16 * 1024;
    private const string User = "username=";
    private const string Password = "&password=";

    /// <summary>One reading, or two for the iOS client where they differ; the ordinary one is last.</summary>
    /// <exception cref="Invalid">There is no readable form, or a field is missing.</exception>
    public static async Task<IReadOnlyList<Credentials>> Read(HttpRequest request, CancellationToken stop)
    {
        if (request.ContentType?.StartsWith("multipart/form-data", StringComparison.OrdinalIgnoreCase) == true)
        {
            return [await ReadMultipart(request, stop)];
        }

        var body = await ReadText(request, stop);
        var literal = Platform.IsMobile(request) ? Literally(body) : null;
        var decoded = Decoded(body, isNeeded: literal is null);
        return new[] { literal, decoded }.OfType<Credentials>().Distinct().ToList();
    }

    private static Credentials? Literally(string body)
    {
        var end = body.IndexOf(Password, StringComparison.Ordinal);
        return body.StartsWith(User, StringComparison.Ordinal) && end >= 0
            ? new Credentials(EmailAddress.Normalize(body[User.Length..end]), body[(end + Password.Length)..])
            : null;
    }

    private static Credentials? Decoded(string body, bool isNeeded)
    {
        var form = QueryHelpers.ParseQuery(body);
        if (form.TryGetValue("username", out var user) && form.TryGetValue("password", out var password))
        {
            return Decoded(user[0] ?? "", password[0] ?? "");
        }

        return isNeeded ? throw Invalid.Missing("body", form.ContainsKey("username") ? "password" : "username") : null;
    }

    // A plus sign that nobody encoded arrives as a blank, and no address holds a blank.
    private static Credentials Decoded(string user, string password) => new(EmailAddress.Normalize(user).Replace(' ', '+'), password);

    private static async Task<Credentials> ReadMultipart(HttpRequest request, CancellationToken stop)
    {
        try
        {
            var form = await request.ReadFormAsync(new FormOptions { MultipartBodyLengthLimit = LargestBytes }, stop);
            return Decoded(
                form["username"].FirstOrDefault() ?? throw Invalid.Missing("body", "username"),
                form["password"].FirstOrDefault() ?? throw Invalid.Missing("body", "password"));
        }
        catch (Exception failure) when (failure is InvalidDataException or InvalidOperationException or IOException and not BadHttpRequestException)
        {
            throw new Invalid("body", "", "Not a readable form");
        }
    }

    private static async Task<string> ReadText(HttpRequest request, CancellationToken stop)
    {
        if (request.ContentLength > LargestBytes)
        {
            throw TooLarge();
        }

        using var bytes = new MemoryStream();
        var part = new byte[4096];
        for (int read; (read = await request.Body.ReadAsync(part, stop)) > 0;)
        {
            bytes.Write(part, 0, read);
            if (bytes.Length > LargestBytes)
            {
                throw TooLarge();
            }
        }

        return Encoding.UTF8.GetString(bytes.GetBuffer(), 0, (int)bytes.Length);
    }

    private static BadHttpRequestException TooLarge() => new("The form is too large.", StatusCodes.Status413PayloadTooLarge);
}
