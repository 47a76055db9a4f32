using Tests.House;

namespace Tests.Specs;

/// <summary>The specifications at hand, each read once a test run.</summary>
internal static class ProviderSpecs
{
    private static readonly Lazy<Task<SpecBundle>> StripeBundle = new(() => SpecBundle.Load(File("stripe"), errorSchema: "error"));
    private static readonly Lazy<Task<SpecBundle>> OpenAiBundle = new(() => SpecBundle.Load(File("openai"), errorSchema: "ErrorResponse", looseOneOf: true));
    private static readonly Lazy<Task<SpecBundle>> GoogleBundle = new(() => SpecBundle.Load(File("google")));
    private static readonly Lazy<Task<SpecBundle>> GeminiBundle = new(() => SpecBundle.Load(File("gemini")));
    private static readonly Lazy<Task<SpecBundle>> TwilioBundle = new(() => SpecBundle.Load(File("twilio"), flatForms: true));
    private static readonly Lazy<Task<SpecBundle>> VerifyBundle = new(() => SpecBundle.Load(File("verify"), flatForms: true));
    private static readonly Lazy<Task<SpecBundle>> TursoBundle = new(() => SpecBundle.Load(File("turso")));

    public static Task<SpecBundle> Stripe => StripeBundle.Value;

    public static Task<SpecBundle> OpenAi => OpenAiBundle.Value;

    public static Task<SpecBundle> Google => GoogleBundle.Value;

    public static Task<SpecBundle> Gemini => GeminiBundle.Value;

    public static Task<SpecBundle> Twilio => TwilioBundle.Value;

    public static Task<SpecBundle> Verify => VerifyBundle.Value;

    public static Task<SpecBundle> Turso => TursoBundle.Value;

    private static string File(string provider) => Repository.Path("tests", "specs", provider + ".json");
}
