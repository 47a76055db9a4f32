using System.Text.Json;
using System.Text.Json.Nodes;
using Ledgerline.Gateway.V1.Chat;
using Ledgerline.Gateway.V1.Realtime;
using Ledgerline.Http;
using Ledgerline.Identity;
using Microsoft.AspNetCore.Http.Metadata;

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

    public static void MapChat(this RouteGroupBuilder routes)
    {
        routes.MapPost("/v1/chat/completions", CreateChatCompletion.Handle)
            .WithMetadata(RateLimit.AiWork, KeyScope.Chat, new AcceptsMetadata(["application/json"], typeof(CreateChatCompletion.Request)))
            .WithName("CreateChatCompletion")
            .WithSummary("A conversation continued, as OpenAI's libraries ask for it")
            .WithDescription(
                "Takes what OpenAI's address of the same name takes, for OpenAI's models and Gemini's alike. Held before the model is asked: half a token for each "
                + "byte of messages, tools and answer format, 8 for each message, 3000 for each picture, and the most that may be written, times `n`. Charged: the "
                + "tokens that the provider counts, cached ones at their price. With `stream=true` the chunks come as they are made; with `stream_options.include_usage` the "
                + "last one says in its usage what it cost and what is left, and both come as trailers where the client takes them. A client that leaves a stream calls the "
                + "model off and is charged for what was made until then, estimated where the provider had not counted it; an answer that is no stream is finished, and an "
                + "`Idempotency-Key` fetches it. Names of fields may not appear twice. What is billed otherwise than by text tokens is refused: audio, files, web search, "
                + "service tiers.")
            .ExampleRequest(new { model = "gemini-2.5-flash", messages = new[] { new { role = "user", content = "What is a ledger?" } }, max_completion_tokens = 200 })
            .Parameter("header", Idempotency.Header, "1 to 255 visible characters: the same key answers the same and charges once.", "6f1d2c3a")
            .Produces<JsonElement>()
            .Example(ExampleCompletion())
            .Refuses(
                StatusCodes.Status400BadRequest,
                "the body is no JSON object, or a field is missing, wrong or not supported with the model; `param` names the field",
                OpenAiErrors.Body(400, "n must be a whole number from 1 to 128.", "n", "invalid_value"))
            .Paid(ExampleShortage())
            .RefusesKey("chat")
            .NoModel()
            .Refuses(StatusCodes.Status413PayloadTooLarge, "the body is larger than 16 MiB", $"The request is larger than {ChatBody.LargestBytes} bytes.")
            .Refuses(StatusCodes.Status502BadGateway, "the model failed before it had begun; nothing was charged", OpenAiErrors.Body(502, "The model could not answer this request.", null, "provider_error"))
            .Refuses(StatusCodes.Status503ServiceUnavailable, "the model is busy or not available; nothing was charged", OpenAiErrors.Body(503, "The model is busy.", null, "provider_busy"))
            .Refuses(StatusCodes.Status504GatewayTimeout, "the model did not answer in time; nothing was charged", OpenAiErrors.Body(504, "The model did not answer in time.", null, "provider_timeout"));
    }

    public static void MapConversations(this RouteGroupBuilder routes) => routes.MapGet("/v1/realtime", V1Realtime.Handle)
        .WithMetadata(RateLimit.AiWork, KeyScope.Realtime)
        .WithName("Realtime")
        .WithSummary("A conversation in speech, as OpenAI's libraries hold it")
        .WithDescription(
            "WebSocket. Events are passed on both ways as they are. Before each answer what it can cost is held, and once the provider has counted it the answer is "
            + "charged: tokens of text and audio, cached ones at their price, and transcriptions by their length. When the credits end an `error` event with the code "
            + "`insufficient_credits` comes, and the socket is closed with 1008. A caller who leaves calls the answer off and is charged for what was made until then. "
            + "Client secrets, calls and transcription sessions are not sold.")
        .Parameter("query", "model", "A model of `/v1/models` that speaks.", "gpt-realtime")
        .Produces<JsonElement>()
        .Example(new { type = "session.created", event_id = "event_9tQ2", session = new { type = "realtime", id = "sess_9tQ2", model = "gpt-realtime" } })
        .Refuses(StatusCodes.Status400BadRequest, "no model is named", OpenAiErrors.Body(400, "The query must name a model.", "model", "missing_required_parameter"))
        .Refuses(StatusCodes.Status402PaymentRequired, "there is no money behind the first answer", ExampleShortage())
        .RefusesKey("realtime")
        .NoModel()
        .Refuses(StatusCodes.Status426UpgradeRequired, "it is no WebSocket", OpenAiErrors.Body(426, "This address takes WebSockets only.", null, null))
        .Refuses(StatusCodes.Status502BadGateway, "the model failed; nothing was charged", OpenAiErrors.Body(502, "The model could not begin this conversation.", null, "provider_error"))
        .Refuses(StatusCodes.Status503ServiceUnavailable, "the model is busy or not available; nothing was charged", OpenAiErrors.Body(503, "The model is busy.", null, "provider_busy"))
        .Refuses(StatusCodes.Status504GatewayTimeout, "the model did not answer in time; nothing was charged", OpenAiErrors.Body(504, "The model did not answer in time.", null, "provider_timeout"));

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
        .Paid(ExampleShortage())
        .RefusesKey()
        .NoModel()
        .Refuses(StatusCodes.Status413PayloadTooLarge, "the file is larger than 25 MiB; said before it is read", "The file is larger than 26214400 bytes.")
        .Refuses(StatusCodes.Status502BadGateway, "the provider failed; nothing was charged", OpenAiErrors.Body(502, "The speech service could not transcribe this recording.", null, "provider_error"))
        .Refuses(StatusCodes.Status503ServiceUnavailable, "the provider is busy or not available; nothing was charged", OpenAiErrors.Body(503, "The speech service is busy.", null, "provider_busy"))
        .Refuses(StatusCodes.Status504GatewayTimeout, "the provider did not answer within 110 seconds; nothing was charged", OpenAiErrors.Body(504, "The speech service did not answer in time.", null, "provider_timeout"));

    private static RouteHandlerBuilder Paid(this RouteHandlerBuilder route, JsonObject shortage) => route
        .Refuses(StatusCodes.Status402PaymentRequired, "there is no money behind the request; `code` is one of `insufficient_credits`, `key_limit_reached`, `in_flight_budget_exhausted`, `request_exceeds_budget`", shortage)
        .Refuses(StatusCodes.Status409Conflict, "the first request with this Idempotency-Key still runs", "A request with this Idempotency-Key is still being processed")
        .Refuses(StatusCodes.Status422UnprocessableEntity, "the Idempotency-Key was used for another request", "Idempotency-Key was already used with a different request");

    private static object ExampleCompletion() => new
    {
        id = "chatcmpl-9tQ2",
        @object = "chat.completion",
        created = 1793491200,
        model = "gemini-2.5-flash",
        choices = new[] { new { index = 0, message = new { role = "assistant", content = "A record of entries." }, finish_reason = "stop" } },
        usage = new { prompt_tokens = 7, completion_tokens = 5, total_tokens = 12 },
    };

    private static JsonObject ExampleShortage() => OpenAiErrors.Body(
        402, "The spend limit of this API key is reached.", null, "key_limit_reached", new JsonObject { ["limit_source"] = "key", ["needed"] = 3, ["available"] = 1 });

    private static RouteHandlerBuilder RefusesKey(this RouteHandlerBuilder route, string scope = "transcription") =>
        route.Refuses(StatusCodes.Status403Forbidden, "the API key lacks the scope", $"The API key lacks the scope {scope}");

    private static RouteHandlerBuilder NoModel(this RouteHandlerBuilder route) => route.Refuses(
        StatusCodes.Status404NotFound, "the model is not sold", OpenAiErrors.Body(404, "The model `whisper-9` does not exist or you do not have access to it.", null, "model_not_found"));
}
