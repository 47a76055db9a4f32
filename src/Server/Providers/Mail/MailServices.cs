using Ledgerline.Kernel;
using Ledgerline.Providers.Wire;

namespace Ledgerline.Providers.Mail;

/// <summary>Registers mail.</summary>
internal static class MailServices
{
    /// <exception cref="FormatException">A setting is not what it should be; the sentence names it.</exception>
    public static void AddMail(this IServiceCollection services, ProviderSettings settings)
    {
        var options = MailOptions.Read(settings);
        services.AddSingleton(options);
        services.AddSingleton(new StartupRule(() => options.Fault is { } fault ? [fault] : []));
        services.AddSingleton<SmtpTransport>();
        services.AddUpstream<ResendTransport>(_ => Upstream.At("resend", options.ResendAddress, ResendTransport.Patience));
        services.AddTransient(provider => new MailClient(
            options, provider.GetRequiredService<SmtpTransport>(), provider.GetRequiredService<ResendTransport>()));
    }
}
