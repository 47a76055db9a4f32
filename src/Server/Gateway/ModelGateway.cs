using Ledgerline.Ai;
using Ledgerline.Providers.OpenAi;
using Ledgerline.Usage;

namespace Ledgerline.Gateway;

/// <summary>The one door to paid models. Who wants through shows an <see cref="Authorization"/>, and each one opens it once.</summary>
public sealed class ModelGateway
{
    private readonly OpenAiTranscriber openAi;

    internal ModelGateway(OpenAiTranscriber openAi) => this.openAi = openAi;

    /// <exception cref="ModelFailure">There is no transcript: release the authorization.</exception>
    public async Task<Transcript> Transcribe(Authorization authorization, Recording recording, CancellationToken stop)
    {
        var use = authorization.Spend();
        var order = new TranscriptionOrder(use.Model, recording.Audio, recording.FileName, recording.ContentType, recording.Language);
        var transcript = await openAi.Transcribe(order, stop);
        var (billed, measured, _) = transcript.Consumption;
        return Believable(billed, use.Seconds) && Believable(measured, use.Seconds)
            ? transcript
            : throw new ModelFailure(
                ModelFailure.Upstream, $"The provider measured {billed ?? measured} s where {use.Seconds} s were decoded: that is no measure of this recording.");
    }

    // A provider rounds up, counts silence that a container only announces, or has a least charge; so it may well say more than we
    // decoded. Beyond twice our length and ten minutes it measured something else, and nobody shall owe money for that.
    private static bool Believable(decimal? seconds, decimal decoded) => seconds is null || seconds <= 2 * decoded + 600;
}
