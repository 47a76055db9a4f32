using Ledgerline.Http;
using Ledgerline.Kernel;

namespace Ledgerline.Identity;

/// <summary>What the routes for phones are sent, and how it is read.</summary>
internal static class PhoneForm
{
    /// <param name="MobileNumber">Spaces, dashes and brackets are dropped; ten digits alone are North American.</param>
    internal sealed record Number(string? MobileNumber);

    /// <param name="MobileNumber">As the code was asked for.</param>
    /// <param name="Otp">The six digits.</param>
    internal sealed record Code(string? MobileNumber, string? Otp);

    internal sealed record Said(string Message);

    public static PhoneNumber NumberOf(string? text) => PhoneNumber.Parse(text ?? throw Invalid.Missing("body", "mobile_number"))
        ?? throw new Invalid("body", "mobile_number", "The number must be + and 7 to 15 digits, such as +15550100123, or ten digits of North America");

    /// <summary>Any text: what is not six digits is a wrong code as others are.</summary>
    public static string DigitsOf(string? text) => text ?? throw Invalid.Missing("body", "otp");

    /// <param name="query">Where an older client puts it; the body wins.</param>
    public static string NewPasswordOf(string? body, IQueryCollection query) => body is not null ? PasswordOf(body, "body", "new_password")
        : query.TryGetValue("new_password", out var values) ? PasswordOf(values.ToString(), "query", "new_password")
        : throw Invalid.Missing("body", "new_password");

    public static string PasswordOf(string text, string place, string field) => text is { Length: > 0 and <= Passwords.Longest }
        ? text
        : throw new Invalid(place, field, $"The password must have 1 to {Passwords.Longest} characters");
}
