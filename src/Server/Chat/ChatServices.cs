namespace Ledgerline.Chat;

/// <summary>What Chat registers.</summary>
internal static class ChatServices
{
    public static void AddChat(this IServiceCollection services) => services.AddSingleton<ChatTiers>();
}
