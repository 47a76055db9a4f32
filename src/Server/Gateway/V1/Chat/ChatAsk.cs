using System.Text.Json;

namespace Ledgerline.Gateway.V1.Chat;

/// <summary>A request for a chat completion, checked as far as money is concerned; what else is in it is the model's affair.</summary>
/// <param name="Most">The most tokens of one choice.</param>
/// <param name="IsCapped">The caller named no limit: the house's own holds.</param>
/// <param name="Size">What is sent to the model.</param>
internal sealed record ChatAsk(SoldModel Model, bool Streams, bool WantsUsage, int Choices, int Most, bool IsCapped, PromptSize Size)
{
    /// <summary>An answer of some pages: what a caller gets who names no limit, and what is held for it.</summary>
    public const int DefaultMost = 4096;

    private const int LargestMost = 1_000_000;
    private const int MostChoices = 128;
    private const int MostMessages = 10_000;

    private static readonly string[] Limits = ["max_completion_tokens", "max_tokens"];

    /// <summary>So many tokens may be written in all.</summary>
    public long MostOutput => (long)Choices * (Most + Size.Predicted);

    /// <exception cref="V1Refusal">A field is missing or wrong, or costs something that nobody has a price for.</exception>
    public static ChatAsk Read(JsonElement body, ModelCatalog models)
    {
        var name = body.Text("model") ?? throw V1Refusal.Wrong("model", "you must provide a model parameter", "missing_required_parameter");
        var model = models.Chatting(name) ?? throw V1Refusal.NoModel(name);
        var messages = body.Objects("messages");
        if (messages.Count is 0 or > MostMessages)
        {
            throw body.Maybe("messages") is null
                ? V1Refusal.Wrong("messages", "Missing required parameter: 'messages'.", "missing_required_parameter")
                : Fields.Wrong("messages", $"must hold 1 to {MostMessages} messages");
        }

        Unpriced(body, name);
        var streams = body.Flag("stream");
        var options = body.Object("stream_options");
        if (options is not null && !streams)
        {
            throw Fields.Wrong("stream_options", "is only allowed when stream is true");
        }

        var limits = Limits.Where(limit => body.Maybe(limit) is not null).ToList();
        if (limits.Count == 2)
        {
            throw Fields.Wrong("max_tokens", "is the old name of max_completion_tokens: give one of them");
        }

        var most = limits.Count == 1 ? body.Whole(limits[0], 1, LargestMost) : null;
        return new ChatAsk(
            model, streams, options?.Flag("include_usage", "stream_options.include_usage") ?? false, body.Whole("n", 1, MostChoices) ?? 1,
            most ?? DefaultMost, most is null, PromptSize.Of(body, messages, name));
    }

    // Each of these is billed in another way than by text tokens, or at another rate.
    private static void Unpriced(JsonElement body, string model)
    {
        foreach (var field in new[] { "audio", "web_search_options" })
        {
            if (body.Maybe(field) is not null)
            {
                throw Fields.NotWith(model, field);
            }
        }

        if (body.Text("service_tier") is not (null or "auto" or "default"))
        {
            throw V1Refusal.Wrong("service_tier", "service_tier takes auto and default.");
        }

        if (body.Texts("modalities").Any(one => one != "text"))
        {
            throw V1Refusal.Wrong("modalities", "modalities takes text only.");
        }
    }
}
