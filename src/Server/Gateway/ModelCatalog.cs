namespace Ledgerline.Gateway;

/// <summary>A model that is sold, and since when at its present price.</summary>
public sealed record SoldModel(string Id, DateTimeOffset Since)
{
    /// <summary>Sold by the token: it continues conversations. Else by the second.</summary>
    public bool Chats { get; init; }

    /// <summary>Sold by the tokens of speech: it talks.</summary>
    public bool Speaks { get; init; }

    public ModelProvider Provider { get; init; }
}

/// <summary>Who serves a model.</summary>
public enum ModelProvider
{
    /// <summary>OpenAI, or a server that speaks its protocol.</summary>
    OpenAi,

    Gemini,
}

/// <summary>The models that are sold: the ones this product's own routes use, and all that callers may name.</summary>
/// <param name="Transcription">Writes recordings down.</param>
public sealed record ModelCatalog(string Transcription)
{
    private const string GeminiPrefix = "gemini-";

    public IReadOnlyList<SoldModel> Sold { get; init; } = [];

    /// <summary>Answers in chatrooms; <c>GEMINI_MODEL</c>.</summary>
    public string Chat { get; init; } = "gemini-2.5-flash";

    /// <summary>Answers where <see cref="Chat"/> does not begin to; <c>CHAT_FALLBACK_MODEL</c>.</summary>
    public string? ChatFallback { get; init; }

    /// <summary>Whether it is sold by the second.</summary>
    public bool Sells(string model) => Sold.Any(sold => sold.Id == model && sold is { Chats: false, Speaks: false });

    /// <summary>Null when it is not sold by the token.</summary>
    public SoldModel? Chatting(string model) => Sold.FirstOrDefault(sold => sold.Id == model && sold.Chats);

    /// <summary>Null when it is not sold by the tokens of speech.</summary>
    public SoldModel? Speaking(string model) => Sold.FirstOrDefault(sold => sold.Id == model && sold.Speaks);

    /// <summary>Gemini's are called so; the chatrooms' is Gemini's whatever it is called.</summary>
    public ModelProvider ProviderOf(string model) =>
        model == Chat || model.StartsWith(GeminiPrefix, StringComparison.Ordinal) ? ModelProvider.Gemini : ModelProvider.OpenAi;
}
