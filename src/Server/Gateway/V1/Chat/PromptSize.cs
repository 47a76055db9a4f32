using System.Runtime.InteropServices;
using System.Text.Json;
using Ledgerline.Ai;

namespace Ledgerline.Gateway.V1.Chat;

/// <summary>
/// How large a prompt is, told by the bytes of its JSON: the messages, tools and answer format as they were written, pictures apart. The
/// names and marks of JSON in it make up for what a model adds to each of them.
/// </summary>
/// <param name="AtMost">Hardly more tokens than so many; held before.</param>
/// <param name="Likely">Probably so many; charged where the provider does not say.</param>
/// <param name="Predicted">What the caller expects the answer to hold, in tokens at most: billed as written when it is not.</param>
internal sealed record PromptSize(long AtMost, long Likely, long Predicted)
{
    // The small one of this family counts a picture as some thirty times as many tokens, at a thirtieth of the price.
    private const int ImageOfSmall4o = 50_000;

    private static readonly string[] Others = ["tools", "functions", "response_format"];

    /// <exception cref="V1Refusal">A message holds something that nobody has a price for, or is no message.</exception>
    public static PromptSize Of(JsonElement body, IReadOnlyList<JsonElement> messages, string model)
    {
        var (bytes, images) = (0L, 0L);
        for (var index = 0; index < messages.Count; index++)
        {
            var (pictures, theirs) = Pictures(messages[index], index, model);
            images += pictures;
            bytes += Raw(messages[index]) - theirs;
        }

        bytes += Others.Sum(name => body.Maybe(name) is { } value ? Raw(value) : 0);
        var extra = messages.Count * TokenEstimate.PerTurn
            + images * (model.StartsWith("gpt-4o-mini", StringComparison.Ordinal) ? ImageOfSmall4o : TokenEstimate.Image);
        return new PromptSize(
            TokenEstimate.AtMost(bytes) + extra, TokenEstimate.Likely(bytes) + extra,
            body.Maybe("prediction") is { } prediction ? TokenEstimate.AtMost(Raw(prediction)) : 0);
    }

    private static (long Count, long Bytes) Pictures(JsonElement message, int index, string model)
    {
        var (count, bytes) = (0L, 0L);
        if (message.Maybe("content") is { ValueKind: JsonValueKind.Array } parts)
        {
            foreach (var part in parts.EnumerateArray())
            {
                var type = part.ValueKind == JsonValueKind.Object ? part.Text("type", Path(index)) : throw Fields.Wrong(Path(index), "must be a string or an array of objects");
                if (type is "input_audio" or "file")
                {
                    throw V1Refusal.Wrong(Path(index), $"{model} takes no {type} here.", "unsupported_parameter");
                }

                if (type == "image_url")
                {
                    count++;
                    bytes += Raw(part);
                }
            }
        }

        return (count, bytes);
    }

    private static string Path(int index) => $"messages[{index}].content";

    private static long Raw(JsonElement value) => JsonMarshal.GetRawUtf8Value(value).Length;
}
