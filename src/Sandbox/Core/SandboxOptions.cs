namespace Sandbox.Core;

/// <summary>Looks at one provider answer before it is sent; a sentence back means that it breaks the provider's published spec.</summary>
public delegate string? AnswerInspector(HttpContext context, int status, string contentType, ReadOnlyMemory<byte> body);

/// <summary>What the sandbox is told at start; every secret has a sandbox default, so that it runs with no account at all.</summary>
public sealed class SandboxOptions
{
    /// <summary>Port on 127.0.0.1; 0 takes a free one.</summary>
    public int Port { get; set; }

    /// <summary>Port of the mail server on 127.0.0.1; 0, and a port that is taken, mean a free one.</summary>
    public int SmtpPort { get; set; }

    /// <summary>Where webhooks go; read each time one is made, so a test may set it after its server has a port.</summary>
    public string? ServerUrl { get; set; } = "http://127.0.0.1:8000";

    /// <summary>Our address as the world knows it, such as <c>https://calls.example.org</c>, with or without the scheme; what begins with it is reached at the nodes, plain.</summary>
    public string? PublicUrl { get; set; }

    /// <summary>Base addresses of the nodes behind the public address, taken in turn; none means <see cref="ServerUrl"/>.</summary>
    public IReadOnlyList<string> NodeUrls { get; set; } = [];

    public string StripeSecretKey { get; set; } = "sk_test_sandbox";
    public string StripePublishableKey { get; set; } = "pk_test_sandbox";
    public string StripeWebhookSecret { get; set; } = "whsec_sandbox";

    /// <summary>Where Stripe's events go without a webhook endpoint; when it is missing, to the server's <c>/api/billing/webhook</c>.</summary>
    public IReadOnlyList<string>? StripeWebhookUrls { get; set; }
    public string GoogleClientId { get; set; } = "sandbox.apps.googleusercontent.com";
    public string GoogleClientSecret { get; set; } = "GOCSPX-sandbox";
    public string OpenAiApiKey { get; set; } = "sk-sandbox";
    public string GeminiApiKey { get; set; } = "AIza-sandbox";
    public string ResendApiKey { get; set; } = "re_sandbox";
    public string TwilioAccountSid { get; set; } = "AC5a4d00000000000000000000000b0000";

    /// <summary>What Twilio's clients sign in with, and what its callbacks are signed with.</summary>
    public string TwilioAuthToken { get; set; } = "twilio-sandbox-token";

    /// <summary>The number that text messages come from.</summary>
    public string TwilioPhoneNumber { get; set; } = "+15005550006";
    public string TwilioVerifyServiceSid { get; set; } = "VA5a4d00000000000000000000000b0000";

    /// <summary>The token that the database server asks for; null asks for none.</summary>
    public string? TursoAuthToken { get; set; }

    /// <summary>How long a stream of the database server may be unused, on the sandbox's clock.</summary>
    public TimeSpan TursoStreamIdle { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Set by tests: sees every JSON answer of a provider; a violation is answered as status 599 with its text.</summary>
    public AnswerInspector? InspectAnswer { get; set; }

    /// <summary>Set by tests: is told what the sandbox logs, beside the console.</summary>
    public ILoggerProvider? Log { get; set; }

    /// <summary>
    /// Ports and secrets from the environment, under the names that the server reads too. API keys of a real account are not
    /// among them: the sandbox takes any key, and shows on its pages those that it plays with.
    /// </summary>
    public static SandboxOptions FromEnvironment()
    {
        var options = new SandboxOptions { Port = Number("SANDBOX_PORT", 8001), SmtpPort = Number("SANDBOX_SMTP_PORT", 1025) };
        options.ServerUrl = Text("SANDBOX_SERVER_URL", $"http://127.0.0.1:{Number("PORT", 8000)}");
        options.PublicUrl = Text("PUBLIC_URL", "") is { Length: > 0 } home ? home : null;
        options.NodeUrls = Text("SANDBOX_NODE_URLS", "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        options.StripeWebhookSecret = Text("STRIPE_WEBHOOK_SECRET", options.StripeWebhookSecret);
        var stripeWebhookUrls = Text("SANDBOX_STRIPE_WEBHOOK_URLS", "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        options.StripeWebhookUrls = stripeWebhookUrls.Length > 0 ? stripeWebhookUrls : null;
        options.GoogleClientId = Text("GOOGLE_CLIENT_ID", options.GoogleClientId);
        options.GoogleClientSecret = Text("GOOGLE_CLIENT_SECRET", options.GoogleClientSecret);
        options.TwilioAccountSid = Text("TWILIO_ACCOUNT_SID", options.TwilioAccountSid);
        options.TwilioAuthToken = Text("TWILIO_AUTH_TOKEN", options.TwilioAuthToken);
        options.TwilioPhoneNumber = Text("TWILIO_PHONE_NUMBER", options.TwilioPhoneNumber);
        return options;
    }

    private static string Text(string name, string otherwise) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value.Trim() : otherwise;

    private static int Number(string name, int otherwise) =>
        Environment.GetEnvironmentVariable(name) is not { Length: > 0 } value ? otherwise
        : ushort.TryParse(value, out var port) ? port
        : throw new InvalidOperationException($"{name} must be a port number between 0 and 65535.");
}
