using Sandbox.Core;

namespace Sandbox.Mail;

/// <summary>Mail: Resend's address over HTTP, and the SMTP server beside it.</summary>
internal static class MailRoutes
{
    public static void AddMail(this IServiceCollection services)
    {
        services.AddSingleton<SentMail>();
        services.AddSingleton<SmtpServer>();
        services.AddHostedService(provider => provider.GetRequiredService<SmtpServer>());
    }

    public static void MapMail(this IEndpointRouteBuilder app)
    {
        var services = app.ServiceProvider;
        var options = services.GetRequiredService<SandboxOptions>();
        var smtp = services.GetRequiredService<SmtpServer>();
        services.GetRequiredService<Simulators>().Add(new Simulator("mail")
        {
            Keys = origin => new { base_url = $"{origin}/mail", api_key = options.ResendApiKey, smtp_host = "127.0.0.1", smtp_port = smtp.Port },
            Reset = services.GetRequiredService<SentMail>().Clear,
            Error = (status, message) => SendEmail.ErrorShape(status, status == 429 ? "rate_limit_exceeded" : "application_error", message),
        });

        app.MapPost("/mail/emails", SendEmail.Handle);
    }
}
