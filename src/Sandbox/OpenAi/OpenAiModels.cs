using Sandbox.Core;

namespace Sandbox.OpenAi;

/// <summary>The models that this sandbox answers for.</summary>
internal static class OpenAiModels
{
    public const string Whisper = "whisper-1";
    public const string Transcribe = "gpt-transcribe";
    public const string Diarize = "gpt-4o-transcribe-diarize";

    private static readonly (string Id, long Created)[] Listening =
    [
        (Whisper, 1677532384), (Transcribe, 1780272000), ("gpt-4o-transcribe", 1742068463), ("gpt-4o-mini-transcribe", 1742068596),
        ("gpt-4o-mini-transcribe-2025-12-15", 1765756800), (Diarize, 1750798887),
    ];

    private static readonly (string Id, long Created)[] Talking =
    [
        ("gpt-5", 1754425777), ("gpt-5-mini", 1754425928), ("gpt-5-nano", 1754426384), ("gpt-4.1", 1744316542), ("gpt-4.1-mini", 1744318173),
        ("gpt-4o", 1715367049), ("gpt-4o-mini", 1721172741),
    ];

    private static readonly (string Id, long Created)[] Conversing =
    [
        ("gpt-realtime", 1756271701), ("gpt-realtime-1.5", 1771286400), ("gpt-realtime-2", 1777939200), ("gpt-realtime-2.1", 1783468800),
        ("gpt-realtime-2.1-mini", 1783468801), ("gpt-realtime-mini", 1759517077),
    ];

    private static IEnumerable<(string Id, long Created)> All => Listening.Concat(Talking).Concat(Conversing);

    /// <summary>Whether it transcribes.</summary>
    public static bool Listens(string id) => Listening.Any(model => model.Id == id);

    /// <summary>Whether it answers chats.</summary>
    public static bool Talks(string id) => Talking.Any(model => model.Id == id);

    /// <summary>Whether it holds a conversation by voice.</summary>
    public static bool Converses(string id) => Conversing.Any(model => model.Id == id);

    /// <summary>Whether it thinks before it answers, and so refuses the settings of those that do not.</summary>
    public static bool Reasons(string id) => id.StartsWith("gpt-5", StringComparison.Ordinal);

    public static IResult List() => Json.Answer(new { @object = "list", data = All.Select(Shape) });

    public static IResult Get(string model) =>
        All.FirstOrDefault(one => one.Id == model) is { Id: not null } found ? Json.Answer(Shape(found)) : throw NotFound(model);

    public static OpenAiError NotFound(string model) =>
        new(404, $"The model `{model}` does not exist or you do not have access to it.", code: "model_not_found");

    private static object Shape((string Id, long Created) model) =>
        new { id = model.Id, @object = "model", created = model.Created, owned_by = model.Id == Whisper ? "openai-internal" : "system" };
}
