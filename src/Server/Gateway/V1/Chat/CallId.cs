using System.Buffers.Text;
using Ledgerline.Ai;

namespace Ledgerline.Gateway.V1.Chat;

/// <summary>
/// A call's id as callers know it: with the signature in it that the provider wants back with the call. The id is the one thing that every
/// client hands back; fields that it does not know, OpenAI's own library drops.
/// </summary>
internal static class CallId
{
    private const string Mark = "__thought__";

    public static string Of(ToolCall call) => call.Signature is { } signature ? call.Id + Mark + signature : call.Id;

    /// <summary>The call that has this id; one of another provider's has no signature.</summary>
    public static ToolCall Read(string id, string name, string arguments) =>
        id.IndexOf(Mark, StringComparison.Ordinal) is var at and > 0 && Base64.IsValid(id.AsSpan(at + Mark.Length))
            ? new ToolCall(id[..at], name, arguments) { Signature = id[(at + Mark.Length)..] }
            : new ToolCall(id, name, arguments);
}
