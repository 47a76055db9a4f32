using Ledgerline.Kernel;
using Ledgerline.Plans;

namespace Ledgerline.Chat;

/// <summary>What an account chats on, in the words of the chat clients.</summary>
internal sealed class ChatTiers(Entitlements entitlements)
{
    public const string Basic = "basic";
    public const string Pro = "pro";

    // The catalogue also holds the tier that costs nothing.
    private const string BasicPlan = "chat_basic";

    public async Task<string> Of(AccountId account, CancellationToken stop) => Of(await entitlements.Of(account, stop));

    public static string Of(Standing standing) => standing.Active(PlanProduct.ChatPro) is { Plan.Id: not BasicPlan } ? Pro : Basic;
}
