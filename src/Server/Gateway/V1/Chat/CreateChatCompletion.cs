using System.Text.Json;
using Ledgerline.Http;

namespace Ledgerline.Gateway.V1.Chat;

/// <summary><c>POST /v1/chat/completions</c>: a conversation continued, whole or as it is written.</summary>
internal static class CreateChatCompletion
{
    public static Task<IResult> Handle(HttpContext context, CurrentAccount caller, V1Chat chat) => chat.Run(context, caller);

    /// <summary>The fields that matter here; all others go to the model as they are.</summary>
    /// <param name="Model">One of <c>/v1/models</c> that chats.</param>
    /// <param name="Messages">As OpenAI has them: text and pictures, tool calls and what they came to.</param>
    /// <param name="Stream">Whether to send the answer as it is written.</param>
    /// <param name="StreamOptions"><c>include_usage</c>: a last chunk says what was used, what it cost and what is left.</param>
    /// <param name="MaxCompletionTokens">The most tokens of one choice; <c>max_tokens</c> is its old name. 4096 when neither is given.</param>
    /// <param name="N">So many choices; each may be as long as the limit says.</param>
    /// <param name="Tools">Functions that the model may ask for.</param>
    /// <param name="ResponseFormat"><c>text</c>, <c>json_object</c> or <c>json_schema</c>.</param>
    internal sealed record Request(
        string Model, IReadOnlyList<JsonElement> Messages, bool? Stream, JsonElement? StreamOptions, int? MaxCompletionTokens, int? N, IReadOnlyList<JsonElement>? Tools,
        JsonElement? ResponseFormat);
}
