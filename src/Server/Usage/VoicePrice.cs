using Ledgerline.Ai;

namespace Ledgerline.Usage;

/// <summary>What a speaking model's tokens cost the customer and what they cost us, from a day on.</summary>
/// <param name="Credits">In micro-credits.</param>
/// <param name="Cost">What the provider charges, in millionths of a US dollar.</param>
public sealed record VoicePrice(string Version, string Model, string Unit, VoiceRates Credits, VoiceRates Cost)
{
    /// <summary>At the house's margin over what the provider charges.</summary>
    public static VoicePrice Of(string version, string model, VoiceRates cost) =>
        new(version, model, Kernel.Unit.Credit, cost * TokenPrice.CreditsPerDollar, cost);
}

/// <summary>What a million tokens of each kind cost.</summary>
/// <param name="Image">Nobody is sent one: only the input counts.</param>
public readonly record struct VoiceRates(TokenRates Text, TokenRates Audio, TokenRates Image)
{
    /// <summary>A model that is sold at this gives nothing away.</summary>
    public bool IsSound => Text.IsSound && Audio.IsSound && Image is { Input: > 0, CachedInput: >= 0 } && Image.CachedInput <= Image.Input;

    /// <summary>Of all kinds together, rounded up once, to the smallest unit there is. No more is cached than there is.</summary>
    public long Of(VoiceUsage usage) => TokenRates.RoundUp(
        Text.Exact(usage.TextInput, Math.Min(usage.CachedText, usage.TextInput), usage.TextOutput)
        + Audio.Exact(usage.AudioInput, Math.Min(usage.CachedAudio, usage.AudioInput), usage.AudioOutput)
        + Image.Exact(usage.ImageInput, Math.Min(usage.CachedImage, usage.ImageInput), 0));

    public static VoiceRates operator *(VoiceRates rates, long times) => new(rates.Text * times, rates.Audio * times, rates.Image * times);
}
