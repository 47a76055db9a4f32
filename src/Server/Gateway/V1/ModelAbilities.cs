namespace Ledgerline.Gateway.V1;

/// <summary>What a model that is sold takes: its provider refuses the rest, and a refusal before the hold is cheaper for everyone.</summary>
/// <param name="NeedsChunks">Longer recordings than 30 seconds need a chunking strategy.</param>
internal sealed record ModelAbilities(string[] Formats, bool Translates = false, bool Prompt = true, bool LogProbs = false, bool NeedsChunks = false)
{
    private static readonly string[] Plain = ["json", "text", "srt", "verbose_json", "vtt"];

    private static readonly ModelAbilities Whisper = new(Plain, Translates: true);
    private static readonly ModelAbilities Transcriber = new(["json"], LogProbs: true);
    private static readonly ModelAbilities Diarizer = new(["json", "text", "diarized_json"], Prompt: false, NeedsChunks: true);

    // A model of the operator's own: only its server knows.
    private static readonly ModelAbilities Anything = new([.. Plain, "diarized_json"], Translates: true, LogProbs: true);

    public static ModelAbilities Of(string model) => model switch
    {
        "whisper-1" => Whisper,
        "gpt-4o-transcribe-diarize" => Diarizer,
        _ when model.StartsWith("gpt-4o-", StringComparison.Ordinal) => Transcriber,
        _ => Anything,
    };
}
