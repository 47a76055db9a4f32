using Ledgerline.Identity;
using Ledgerline.Persistence;

namespace Ledgerline.Notices;

/// <summary>One-time codes by SMS.</summary>
internal sealed class TextedCodes(Texter texter, TextOptions options) : CodeCarrier
{
    public override bool IsOff => options.Carrier == TextCarrier.Off;

    public override void Send(Transaction transaction, MadeCode code) => texter.Send(
        transaction,
        code.Account,
        new TextMessage($"code:{code.Id}", Words(code), code.ExpiresAt) { Code = code.Digits });

    private static string Words(MadeCode code) =>
        $"{code.Digits} is your code to {(code.Purpose == CodePurpose.Reset ? "set a new password" : "sign in")}. It is good for 15 minutes. Give it to nobody.";
}
