using Ledgerline.Identity;
using Ledgerline.Kernel;
using Ledgerline.Providers.Mail;
using Ledgerline.Providers.Twilio;
using Ledgerline.Providers.Wire;

namespace Ledgerline.Notices;

/// <summary>What Notices registers.</summary>
internal static class NoticesServices
{
    /// <exception cref="FormatException">A setting is not what it should be; the sentence names it.</exception>
    public static void AddNotices(this IServiceCollection services, ProviderSettings settings)
    {
        services.AddMail(settings);
        var twilio = TwilioOptions.Read(settings);
        services.AddTwilio(twilio);
        services.AddSingleton(TextOptions.Read(settings, twilio));
        services.AddSingleton<NoticeBox>();
        services.AddSingleton(provider => new Mailer(
            provider.GetRequiredService<NoticeBox>(), provider.GetRequiredService<Ids>(), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(provider => new Texter(
            provider.GetRequiredService<NoticeBox>(), provider.GetRequiredService<SecretBox>(), provider.GetRequiredService<Ids>(),
            provider.GetRequiredService<TimeProvider>()));
        services.AddTransient<SendMail>();
        services.AddTransient<SendText>();
        services.AddSingleton<CodeCarrier, TextedCodes>();
    }
}
