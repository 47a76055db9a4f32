using Ledgerline.Jobs;
using Ledgerline.Kernel;
using Ledgerline.Providers.Mail;
using Ledgerline.Providers.Wire;

namespace Ledgerline.Notices;

/// <summary>What Notices registers.</summary>
internal static class NoticesServices
{
    /// <exception cref="FormatException">A setting is not what it should be; the sentence names it.</exception>
    public static void AddNotices(this IServiceCollection services, ProviderSettings settings)
    {
        services.AddMail(settings);
        services.AddSingleton(provider => new Mailer(
            provider.GetRequiredService<Outbox>(), provider.GetRequiredService<Ids>(), provider.GetRequiredService<TimeProvider>()));
    }
}
