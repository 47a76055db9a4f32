namespace Ledgerline.Chat;

/// <summary>What a room's messages are paid with.</summary>
internal static class RoomPays
{
    /// <summary>The day's messages of the plan.</summary>
    public const string Allowance = "allowance";

    /// <summary>The credit wallet, by the tokens that are used.</summary>
    public const string Credits = "credits";

    /// <summary>The plan that bills what is used, by the message that was answered.</summary>
    public const string PayAsYouGo = "pay_as_you_go";

    public static readonly IReadOnlyList<string> All = [Allowance, Credits, PayAsYouGo];
}
