using System.Text;
using Ledgerline.Gateway.V1.Realtime;
using Xunit;

namespace Tests.Gateway.V1.Realtime;

/// <summary>Of what a provider says it counted, only what can be is charged, and once.</summary>
public sealed class OddUsageTests
{
    private readonly ModelEvents events;

    public OddUsageTests() => events = new ModelEvents(new RealtimeTally("gpt-realtime"), "gpt-realtime");

    [Theory]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("""{"input_token_details":{"text_tokens":-5,"audio_tokens":0},"output_token_details":{"text_tokens":0,"audio_tokens":0}}""")]
    [InlineData("""{"input_tokens":1,"output_tokens":-1}""")]
    [InlineData("""{"input_token_details":{"text_tokens":9223372036854775807,"audio_tokens":9223372036854775807}}""")]
    [InlineData("""{"input_token_details":{"text_tokens":1e300}}""")]
    [InlineData("""{"output_token_details":{"audio_tokens":0.5}}""")]
    [InlineData("""{"input_token_details":{"text_tokens":5},"output_token_details":{"audio_tokens":100001}}""")]
    public void An_answer_that_cannot_have_been_counted_so_is_counted_here(string usage)
    {
        Take("""{"type":"response.created"}""");
        Take($$"""{"type":"response.output_audio.delta","delta":"{{new string('A', 64_000)}}"}""");
        var learned = Take($$$"""{"type":"response.done","response":{"id":"resp_1","conversation_id":"conv_1","usage":{{{usage}}}}}""");
        // 48,000 bytes are a second, of 20 tokens.
        Assert.Equal((true, 20L, 0L), (learned.IsEstimated, learned.Answered!.AudioOutput, learned.Answered.TextInput));
    }

    [Fact]
    public void What_comes_twice_is_counted_once()
    {
        const string done = """{"type":"response.done","response":{"id":"resp_1","conversation_id":"conv_1","usage":{"input_tokens":7,"output_tokens":3,"input_token_details":{"text_tokens":7},"output_token_details":{"text_tokens":3}}}}""";
        var first = Take(done);
        Assert.Equal((false, 7L, 3L), (first.IsEstimated, first.Answered!.TextInput, first.Answered.TextOutput));
        Assert.Null(Take(done).Answered);
        const string written = """{"type":"conversation.item.input_audio_transcription.completed","item_id":"item_1","usage":{"type":"duration","seconds":2.5}}""";
        Assert.Equal(2.5m, Take(written).Transcribed!.Seconds);
        Assert.Null(Take(written).Transcribed);
    }

    [Theory]
    [InlineData("""{"type":"duration","seconds":-60}""")]
    [InlineData("""{"type":"duration","seconds":7201}""")]
    [InlineData("""{"type":"duration","seconds":1e400}""")]
    [InlineData("""{"type":"tokens","output_tokens":-9}""")]
    [InlineData("""{"type":"tokens","input_token_details":{"audio_tokens":9223372036854775807}}""")]
    public void A_transcription_that_cannot_have_been_counted_so_costs_nothing(string usage) =>
        Assert.Null(Take($$$"""{"type":"conversation.item.input_audio_transcription.completed","item_id":"item_1","usage":{{{usage}}}}""").Transcribed);

    [Theory]
    [InlineData("""{"type":"input_audio_buffer.speech_started","audio_start_ms":-9223372036854775808}""", """{"type":"input_audio_buffer.speech_stopped","audio_end_ms":9223372036854775807}""")]
    [InlineData("""{"type":"response.done","response":{"id":"\ud800"}}""", """{"type":"response.done","response":{"id":7,"usage":7}}""")]
    [InlineData("""{"type":"session.updated","session":{"audio":{"input":{"transcription":{"model":"\udc00"}}}}}""", """{"type":"session.updated","session":7}""")]
    [InlineData("7", """{"type":7}""")]
    public void Whatever_else_comes_is_passed_over(string first, string second)
    {
        Take(first);
        Take(second);
        Take("""{"type":"input_audio_buffer.committed"}""");
    }

    private Learned Take(string text) => events.Take(Encoding.UTF8.GetBytes(text));
}
