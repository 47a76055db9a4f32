namespace Sandbox.OpenAi.Audio;

/// <summary>What an audio file says about itself: how long it plays, and the text comment it carries (WAV only).</summary>
internal sealed record AudioFacts(string Format, decimal DurationSeconds, string? Comment = null);
