namespace Ledgerline.Plans;

/// <summary>What somebody would like to do.</summary>
/// <param name="Service">One of <see cref="UsedService"/>.</param>
public sealed record Want(string Service)
{
    /// <summary>Placing a phone call: counted as a call, and by the minute where the plan counts minutes.</summary>
    /// <param name="isCustom">With a scenario of one's own, for which mobile accounts need a subscription.</param>
    /// <param name="longestSeconds">Never longer than this, whatever the tier allows; reserves fewer minutes.</param>
    public static Want Call(bool isCustom = false, int? longestSeconds = null) =>
        new(UsedService.VoiceCall) { IsCustom = isCustom, LongestSeconds = Checked(longestSeconds) };

    /// <summary>Answering a phone call: minutes count, the call does not.</summary>
    public static Want InboundCall(int? longestSeconds = null) => new(UsedService.VoiceCall) { IsInbound = true, LongestSeconds = Checked(longestSeconds) };

    /// <summary>Sending one message.</summary>
    public static readonly Want Message = new(UsedService.Sms);

    /// <summary>Having one scenario of one's own more; <see cref="Entitlements.GiveBack(Kernel.AccountId, string, CancellationToken)"/> when it is deleted.</summary>
    public static readonly Want Scenario = new(UsedService.CustomScenario);

    /// <summary>Posting one message in a chatroom.</summary>
    public static readonly Want ChatMessage = new(UsedService.ChatMessage);

    /// <summary>The same, billed by the message.</summary>
    public static readonly Want ChatMessageByUse = new(UsedService.ChatMessage) { IsByUse = true };

    public bool IsCustom { get; private init; }

    /// <summary>No quota is asked: a plan that bills what is used has to have a price for it.</summary>
    public bool IsByUse { get; private init; }
    public bool IsInbound { get; private init; }
    public int? LongestSeconds { get; private init; }

    private static int? Checked(int? longestSeconds)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(longestSeconds ?? 1, nameof(longestSeconds));
        return longestSeconds;
    }
}
