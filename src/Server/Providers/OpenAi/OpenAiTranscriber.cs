using Ledgerline.Ai;

namespace Ledgerline.Providers.OpenAi;

/// <summary>
/// <c>POST /v1/audio/transcriptions</c>: streams the recording up and believes nothing of the answer that it has not looked at.
/// What the provider says about a failure stays here; only its status and error code go into our own words.
/// </summary>
internal sealed class OpenAiTranscriber(OpenAiAudio audio) : ITranscriber
{
    public const string Path = "audio/transcriptions";

    public async Task<Transcript> Transcribe(TranscriptionOrder order, CancellationToken stop)
    {
        using var answer = await audio.Ask(
            new OpenAiAudioOrder(
                Path, TranscriptionForm.Fields(order), order.Audio, order.FileName, order.ContentType, OpenAiOptions.TranscriptionPatience),
            stop);
        return answer.IsSuccess
            ? TranscriptionAnswer.Read(await answer.ReadAll(), answer.RequestId)
            : throw await answer.Failure();
    }
}
