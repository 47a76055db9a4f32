using Ledgerline.Ai;
using Ledgerline.Providers.OpenAi;
using Ledgerline.Usage;

namespace Ledgerline.Gateway;

/// <summary>The one door to paid models. Who wants through shows an <see cref="Authorization"/>, and each one opens it once.</summary>
public sealed class ModelGateway
{
    private readonly OpenAiTranscriber transcriber;
    private readonly OpenAiAudio audio;

    internal ModelGateway(OpenAiAudio audio) => (this.audio, transcriber) = (audio, new OpenAiTranscriber(audio));

    /// <exception cref="ModelFailure">There is no transcript: release the authorization.</exception>
    public async Task<Transcript> Transcribe(Authorization authorization, Recording recording, CancellationToken stop)
    {
        var use = authorization.Spend();
        var order = new TranscriptionOrder(use.Model, recording.Audio, recording.FileName, recording.ContentType, recording.Language);
        var transcript = await transcriber.Transcribe(order, stop);
        Believe(transcript.Consumption, use);
        return transcript;
    }

    /// <summary>The provider's own answer, for callers who speak its protocol themselves; what it measured is believed by <see cref="Believe"/> only.</summary>
    /// <param name="path">One of the provider's audio addresses.</param>
    /// <param name="fields">All but the model, which is the one that was paid for.</param>
    /// <exception cref="ModelFailure">There is no answer, or a refusal: release the authorization.</exception>
    internal async Task<OpenAiAudioAnswer> PassThrough(
        Authorization authorization, string path, IEnumerable<KeyValuePair<string, string>> fields, Recording recording, TimeSpan patience, CancellationToken stop)
    {
        var model = new KeyValuePair<string, string>("model", authorization.Spend().Model);
        var order = new OpenAiAudioOrder(path, fields.Prepend(model), recording.Audio, recording.FileName, recording.ContentType, patience);
        var answer = await audio.Ask(order, stop);
        if (answer.IsSuccess)
        {
            return answer;
        }

        using (answer)
        {
            throw await answer.Failure();
        }
    }

    /// <summary>
    /// A provider rounds up, counts silence that a container only announces, or has a least charge; so it may well say more than we
    /// decoded. Beyond twice our length and ten minutes it measured something else, and nobody shall owe money for that.
    /// </summary>
    /// <exception cref="ModelFailure">It is no measure of this recording.</exception>
    internal static void Believe(Consumption consumption, AudioUse use)
    {
        var (billed, measured, _) = consumption;
        if (Beyond(billed) || Beyond(measured))
        {
            throw new ModelFailure(
                ModelFailure.Upstream, $"The provider measured {billed ?? measured} s where {use.Seconds} s were decoded: that is no measure of this recording.");
        }

        bool Beyond(decimal? seconds) => seconds > 2 * use.Seconds + 600;
    }
}
