namespace Ledgerline.Chat;

/// <summary>What Chat registers.</summary>
internal static class ChatServices
{
    /// <exception cref="FormatException">A setting makes no sense; the message names it.</exception>
    public static void AddChat(this IServiceCollection services, ChatOptions options)
    {
        services.AddSingleton(options);
        services.AddSingleton<ChatTiers>();
        services.AddSingleton<RoomDesk>();
        services.AddSingleton<RoomLists>();
        services.AddSingleton<ReplyContexts>();
        services.AddSingleton<RoomWatch>();
        services.AddSingleton<MessageDesk>();
        services.AddSingleton<Replies>();
    }
}
