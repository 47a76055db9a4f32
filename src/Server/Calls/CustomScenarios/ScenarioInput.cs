using Ledgerline.Http;
using Ledgerline.Kernel;
using Ledgerline.Scenarios;

namespace Ledgerline.Calls.CustomScenarios;

/// <summary>Reads what clients write as a scenario of their own.</summary>
internal static class ScenarioInput
{
    private const int Shortest = 10;
    private const int Longest = 5000;
    private const int LongestName = 200;
    private const decimal Otherwise = 0.7m;

    /// <param name="Persona">Who the model is: 10 to 5000 characters.</param>
    /// <param name="Prompt">What it does: 10 to 5000 characters.</param>
    /// <param name="VoiceType">A voice of the realtime provider's, or a name of ours for one.</param>
    /// <param name="Temperature">0 to 1, 0.7 when it is not given; stored and shown.</param>
    /// <param name="Name">At most 200 characters; an empty one is none.</param>
    public sealed record Request(string? Persona, string? Prompt, string? VoiceType, decimal? Temperature = null, string? Name = null);

    /// <summary>What is missing here stays as it is.</summary>
    public sealed record Change(string? Name, string? Persona, string? Prompt, string? VoiceType, decimal? Temperature);

    public static readonly string UnknownVoice = $"Voice type must be one of: {string.Join(", ", Voices.All)}";

    /// <exception cref="Invalid">A field is missing, too short or long, or holds what is no text.</exception>
    public static ScenarioDraft Draft(Request request)
    {
        var (name, persona, prompt, voice, temperature) = Read(request);
        return new ScenarioDraft(
            name is { Length: > 0 } ? name : null,
            persona ?? throw Invalid.Missing("body", "persona"),
            prompt ?? throw Invalid.Missing("body", "prompt"),
            voice ?? throw Invalid.Missing("body", "voice_type"),
            temperature ?? Otherwise);
    }

    /// <inheritdoc cref="Draft"/>
    public static Change Read(Request request) => new(
        Name(request.Name), Text(request.Persona, "persona"), Text(request.Prompt, "prompt"), request.VoiceType, Temperature(request.Temperature));

    /// <summary>Null when the voice is one, or none was given.</summary>
    public static Refusal? Refuse(string? voiceType) => voiceType is null || Voices.Find(voiceType) is not null ? null : Refusal.BadRequest(UnknownVoice);

    private static decimal? Temperature(decimal? temperature) =>
        temperature is < 0 or > 1 ? throw new Invalid("body", "temperature", "The temperature must be from 0 to 1", "out_of_range") : temperature;

    private static string? Name(string? name)
    {
        var text = name?.Trim();
        return text is null ? null
            : text.EnumerateRunes().Count() > LongestName ? throw new Invalid("body", "name", $"The name must have at most {LongestName} characters", "string_too_long")
            : !ShownText.IsFit(text) ? throw new Invalid("body", "name", "The name must not contain control characters")
            : text;
    }

    // Characters as people count them: a smiley is one.
    private static string? Text(string? text, string field)
    {
        if (text is null)
        {
            return null;
        }

        var length = text.EnumerateRunes().Count();
        return length < Shortest || string.IsNullOrWhiteSpace(text)
            ? throw new Invalid("body", field, $"The {field} must have at least {Shortest} characters", "string_too_short")
            : length > Longest
                ? throw new Invalid("body", field, $"The {field} must have at most {Longest} characters", "string_too_long")
                : text.Any(c => char.IsControl(c) && c is not ('\n' or '\r' or '\t'))
                    ? throw new Invalid("body", field, $"The {field} must not contain control characters but line breaks and tabs")
                    : text;
    }
}
