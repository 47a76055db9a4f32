using System.Text.Json.Nodes;
using Ledgerline.Http;
using Ledgerline.Identity;

namespace Ledgerline.Gateway.V1;

/// <summary>The addresses below <c>/v1</c>, as OpenAI has them.</summary>
internal static class V1Routes
{
    private const string Formats = "`json`, `text`, `srt`, `verbose_json`, `vtt`";

    private static readonly ListModels.Model ExampleModel = new("whisper-1", "model", 1793491200, "openai");

    public static void MapAudio(this RouteGroupBuilder routes)
    {
        routes.MapPost("/v1/audio/transcriptions", CreateTranscription.Handle)
            .WithName("CreateTranscription")
            .WithSummary("Speech to text, as OpenAI's libraries ask for it")
            .WithDescription(
                "Takes what OpenAI's address of the same name takes and answers in the format that was asked for, unchanged. Credits for the "
                + "recording's decoded length are held before the provider is asked; what the provider measured is charged. "
                + "With `stream=true` and a model that can, text comes as server-sent events; the last one says in its usage what it cost.")
            .Audio()
            .FormField("language", "The spoken language as ISO 639-1 code.", "en")
            .FormField("response_format", $"{Formats}; `diarized_json` where the model has it.", "json")
            .FormField("timestamp_granularities[]", "`word`, `segment`; with `verbose_json`.", new[] { "segment" })
            .FormField("include[]", "`logprobs`; with `json` and a model that has them.", new[] { "logprobs" })
            .FormField("chunking_strategy", "`auto`, or an object of the type `server_vad` as `chunking_strategy[type]` and so on.", "auto")
            .FormField("stream", "Whether to send the text as it is made.", false)
            .Example(new { text = "Good morning, this is a test.", usage = new { type = "duration", seconds = 13 } });

        routes.MapPost("/v1/audio/translations", CreateTranslation.Handle)
            .WithName("CreateTranslation")
            .WithSummary("Speech to English text, as OpenAI's libraries ask for it")
            .WithDescription("As transcriptions, with the models that translate.")
            .Audio()
            .FormField("response_format", $"{Formats}.", "json")
            .Example(new { text = "Good morning, this is a test." });
    }

    public static void MapModels(this RouteGroupBuilder routes)
    {
        routes.MapGet("/v1/models", ListModels.Handle).WithMetadata(RateLimit.Everything, KeyScope.Models)
            .WithName("ListModels")
            .WithSummary("The models that are sold")
            .WithDescription("A model without a price is not sold.")
            .Example(new ListModels.Answer("list", [ExampleModel]))
            .RefusesKey();

        routes.MapGet("/v1/models/{model}", ListModels.One).WithMetadata(RateLimit.Everything, KeyScope.Models)
            .WithName("ShowModel")
            .WithSummary("One model that is sold")
            .WithDescription("As the list has it.")
            .Parameter("path", "model", "Its id.", "whisper-1")
            .Example(ExampleModel)
            .RefusesKey()
            .NoModel();
    }

    private static RouteHandlerBuilder Audio(this RouteHandlerBuilder route) => route
        .WithMetadata(RateLimit.AiWork, KeyScope.Transcription)
        .Uploads(V1Audio.Field, "A recording as wav, mp3, mp4 or m4a, webm, ogg (Opus, Vorbis) or flac, up to 25 MiB; told by its bytes, not by its name.")
        .FormField("model", "One of `/v1/models`.", "whisper-1", required: true)
        .FormField("prompt", "Words that guide the model.", "Ledgerline, Zurich")
        .FormField("temperature", "From 0 to 1.", 0.2m)
        .Parameter("header", Idempotency.Header, "1 to 255 visible characters: the same key answers the same and charges once.", "6f1d2c3a")
        .Refuses(
            StatusCodes.Status400BadRequest,
            "a field is missing, unknown or does not fit the model, or the recording cannot be decoded; `param` names the field",
            OpenAiErrors.Body(400, "response_format takes json with this model.", "response_format", "invalid_value"))
        .Refuses(StatusCodes.Status402PaymentRequired, "there is no money behind the request; `code` is one of `insufficient_credits`, `key_limit_reached`, `in_flight_budget_exhausted`, `request_exceeds_budget`", ExampleShortage())
        .RefusesKey()
        .NoModel()
        .Refuses(StatusCodes.Status409Conflict, "the first request with this Idempotency-Key still runs", "A request with this Idempotency-Key is still being processed")
        .Refuses(StatusCodes.Status413PayloadTooLarge, "the file is larger than 25 MiB; said before it is read", "The file is larger than 26214400 bytes.")
        .Refuses(StatusCodes.Status422UnprocessableEntity, "the Idempotency-Key was used for another request", "Idempotency-Key was already used with a different request")
        .Refuses(StatusCodes.Status502BadGateway, "the provider failed; nothing was charged", OpenAiErrors.Body(502, "The speech service could not transcribe this recording.", null, "provider_error"))
        .Refuses(StatusCodes.Status503ServiceUnavailable, "the provider is busy or not available; nothing was charged", OpenAiErrors.Body(503, "The speech service is busy.", null, "provider_busy"))
        .Refuses(StatusCodes.Status504GatewayTimeout, "the provider did not answer within 110 seconds; nothing was charged", OpenAiErrors.Body(504, "The speech service did not answer in time.", null, "provider_timeout"));

    private static JsonObject ExampleShortage() => OpenAiErrors.Body(
        402, "The spend limit of this API key is reached.", null, "key_limit_reached", new JsonObject { ["limit_source"] = "key", ["needed"] = 3, ["available"] = 1 });

    private static RouteHandlerBuilder RefusesKey(this RouteHandlerBuilder route) =>
        route.Refuses(StatusCodes.Status403Forbidden, "the API key lacks the scope", "The API key lacks the scope transcription");

    private static RouteHandlerBuilder NoModel(this RouteHandlerBuilder route) => route.Refuses(
        StatusCodes.Status404NotFound, "the model is not sold", OpenAiErrors.Body(404, "The model `whisper-9` does not exist or you do not have access to it.", null, "model_not_found"));
}
