using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Sandbox.OpenAi.Realtime.Sound;

namespace Sandbox.OpenAi.Realtime;

/// <summary>What the model says next: by script, or by the sandbox's own rules, which know tones, notes and tool calls and nothing else.</summary>
internal sealed partial record ModelTurn(string? Say, decimal Seconds, double ToneHz, ScriptedTool? Tool, ScriptedTurn? Script)
{
    private const string Hello = "Hello, this is the sandbox speaking.";
    private const decimal HelloSeconds = 1.2m;
    private const int ShownCharacters = 200;

    /// <param name="scripted">The script's next turn.</param>
    /// <param name="context">What nobody has answered yet.</param>
    /// <param name="hasSpoken">Whether the model has said anything before.</param>
    public static ModelTurn Next(ScriptedTurn? scripted, IReadOnlyList<ConversationItem> context, bool hasSpoken, SessionConfig config)
    {
        var spoken = context.LastOrDefault(item => item is { Spoken: true, IsModels: false, SoundSeconds: > 0 });
        var tone = spoken is null ? Tone.Greeting : Tone.AnswerTo(spoken.ToneHz);
        if (scripted is not null)
        {
            var speaks = scripted.Tool is null && scripted.Status != "failed";
            var says = scripted.Say ?? (speaks ? Sentences(context, spoken, hasSpoken) : null);
            return new ModelTurn(says, scripted.Seconds ?? SecondsOf(says, spoken), scripted.ToneHz ?? tone, scripted.Tool, scripted);
        }

        if (Wanted(context) is { } wanted)
        {
            return config.HasTool(wanted.Name)
                ? new ModelTurn(null, 0, tone, wanted, null)
                : new ModelTurn($"There is no tool {wanted.Name} here.", 1, tone, null, null);
        }

        var said = Sentences(context, spoken, hasSpoken);
        return new ModelTurn(said, SecondsOf(said, spoken), tone, null, null);
    }

    private static decimal SecondsOf(string? said, ConversationItem? spoken) => said == Hello && spoken is null ? HelloSeconds : 1;

    private static string Sentences(IReadOnlyList<ConversationItem> context, ConversationItem? spoken, bool hasSpoken)
    {
        var said = new List<string>();
        said.AddRange(context.Where(item => item.Type == "function_call_output").Select(item => $"The tool answered: {Shown(item.Output!)}"));
        if (spoken is not null)
        {
            said.Add(spoken.ToneHz is { } hz
                ? string.Create(CultureInfo.InvariantCulture, $"I heard a tone of {hz:0.#} hertz for {spoken.SoundSeconds:0.##} seconds.")
                : string.Create(CultureInfo.InvariantCulture, $"I heard {spoken.SoundSeconds:0.##} seconds of sound."));
        }

        var notes = context.Where(item => item.Type == "message" && !item.Spoken && item.Text is not null).ToList();
        var farewell = notes.Exists(item => Farewell().IsMatch(item.Text!));
        if (notes.Exists(item => item.Text!.Contains("greeting", StringComparison.OrdinalIgnoreCase)))
        {
            said.Add(Hello);
        }
        else
        {
            said.AddRange(notes.Where(item => item.Role == "user" && !Farewell().IsMatch(item.Text!)).Select(item => $"You wrote: {Shown(item.Text!)}"));
        }

        if (farewell)
        {
            said.Add("Goodbye.");
        }

        return said.Count > 0 ? string.Join(' ', said) : hasSpoken ? "Are you still there?" : Hello;
    }

    private static ScriptedTool? Wanted(IReadOnlyList<ConversationItem> context)
    {
        var said = context.LastOrDefault(item => item is { Type: "message", Role: "user", Spoken: false, Text: not null } && UseTool().IsMatch(item.Text));
        if (said is null)
        {
            return null;
        }

        var match = UseTool().Match(said.Text!);
        // What is no JSON is sent as it stands: models do that too.
        JsonElement arguments;
        try
        {
            arguments = JsonSerializer.Deserialize<JsonElement>(match.Groups[2].Value);
        }
        catch (JsonException)
        {
            arguments = JsonSerializer.SerializeToElement(match.Groups[2].Value);
        }

        return new ScriptedTool { Name = match.Groups[1].Value, Arguments = arguments };
    }

    private static string Shown(string text) => text.Length > ShownCharacters ? text[..ShownCharacters] + "…" : text;

    [GeneratedRegex(@"\[use tool (\S+) (\{.*\})\]", RegexOptions.Singleline)]
    private static partial Regex UseTool();

    [GeneratedRegex(@"\bseconds?\b.*\b(left|remain)|good-?bye", RegexOptions.IgnoreCase | RegexOptions.Singleline)]
    private static partial Regex Farewell();
}
