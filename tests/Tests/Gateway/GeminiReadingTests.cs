using Ledgerline.Ai;
using Ledgerline.Providers.Gemini;
using Xunit;

namespace Tests.Gateway;

/// <summary>What is made of Gemini's events: leniently read, and its usage taken from the last one.</summary>
public sealed class GeminiReadingTests
{
    private const string Begin = """{"candidates":[{"content":{"role":"model","parts":[{"text":"Good "}]},"index":0}],"usageMetadata":{"promptTokenCount":31,"candidatesTokenCount":1,"thoughtsTokenCount":40,"totalTokenCount":72},"responseId":"x1"}""";
    private const string Last = """{"candidates":[{"finishReason":"STOP","content":{"parts":[{"text":"day."}]}}],"usageMetadata":{"promptTokenCount":31,"cachedContentTokenCount":"16","toolUsePromptTokenCount":4,"candidatesTokenCount":3,"thoughtsTokenCount":40},"turnToken":"new"}""";

    [Fact]
    public void Usage_is_cumulative_thoughts_are_output_and_the_last_counts()
    {
        var (text, last) = Read(Begin, Last);

        Assert.Equal(("Good day.", ChatEnd.Stop), (text, last.End));
        Assert.Equal(new TokenUsage(35, 16, 43) { Thought = 40, ProviderRequestId = "x1" }, last.Usage);
    }

    [Fact]
    public void A_stream_that_is_cut_is_counted_by_what_came()
    {
        var (text, last) = Read(Begin, """{"candidates":[{"content":{"parts":[{"text":"and a long sentence that nobody has counted so far, which is to say rather more than forty-one tokens' worth of it, so that it shows; and more and more."}]}}]}""");

        Assert.StartsWith("Good and", text, StringComparison.Ordinal);
        Assert.Equal((ChatEnd.Broken, ModelFailure.Upstream, true), (last.End, last.Failure!.Reason, last.Failure.MayRepeat));
        Assert.Equal(new TokenUsage(31, 0, 80) { Thought = 40, IsEstimated = true, ProviderRequestId = "x1" }, last.Usage);
    }

    [Theory]
    [InlineData("""{"promptFeedback":{"blockReason":"SAFETY"},"usageMetadata":{"promptTokenCount":9}}""", ChatEnd.Blocked, 9, 0, false)]
    [InlineData("""{"candidates":[{"finishReason":"SAFETY"}],"usageMetadata":{"promptTokenCount":9}}""", ChatEnd.Blocked, 9, 0, false)]
    [InlineData("""{"candidates":[{"finishReason":"MAX_TOKENS"}],"usageMetadata":{"promptTokenCount":9,"thoughtsTokenCount":50}}""", ChatEnd.Length, 9, 50, false)]
    [InlineData("""{"candidates":[{"finishReason":"MAX_TOKENS","content":{}}]}""", ChatEnd.Length, 7, 0, true)]
    [InlineData("""{"candidates":[{"finishReason":"MALFORMED_FUNCTION_CALL"}],"usageMetadata":{"promptTokenCount":9}}""", ChatEnd.Broken, 9, 0, false)]
    [InlineData("""{"candidates":[{"finishReason":"SOMETHING_NEW"}],"usageMetadata":{"promptTokenCount":9}}""", ChatEnd.Broken, 9, 0, false)]
    [InlineData("""{"candidates":[{"finishReason":"STOP","content":{"parts":[{"text":"think","thought":true}]}}],"usageMetadata":{"promptTokenCount":9}}""", ChatEnd.Stop, 9, 0, false)]
    [InlineData("""{"candidates":"none","usageMetadata":7}""", ChatEnd.Broken, 7, 0, true)]
    public void An_answer_without_text_ends_as_it_says_and_is_counted(string only, string end, long input, long output, bool estimated)
    {
        var (text, last) = Read(only);

        Assert.Equal(("", end), (text, last.End));
        Assert.Equal(new TokenUsage(input, 0, output) { Thought = output, IsEstimated = estimated }, last.Usage);
    }

    [Theory]
    [InlineData("""{"promptTokenCount":-5,"candidatesTokenCount":-7}""")]
    [InlineData("""{"promptTokenCount":12,"candidatesTokenCount":"many"}""")]
    [InlineData("""{"promptTokenCount":1.5,"candidatesTokenCount":2.5}""")]
    [InlineData("""{"promptTokenCount":1000000000000000,"candidatesTokenCount":1}""")]
    [InlineData("""{"candidatesTokenCount":1}""")]
    [InlineData("{}")]
    public void Counts_that_are_none_make_no_answer_free(string counts)
    {
        var said = """{"candidates":[{"finishReason":"STOP","content":{"parts":[{"text":"Two words."}]}}],"usageMetadata":COUNTS}""";

        Assert.Equal(new TokenUsage(7, 0, 3) { IsEstimated = true }, Read(said.Replace("COUNTS", counts, StringComparison.Ordinal)).Last.Usage);
    }

    [Fact]
    public void Words_that_were_not_counted_are_counted_here()
    {
        var (_, last) = Read("""{"candidates":[{"finishReason":"STOP","content":{"parts":[{"text":"Two words."}]}}],"usageMetadata":{"promptTokenCount":9}}""");

        Assert.Equal(new TokenUsage(9, 0, 3) { IsEstimated = true }, last.Usage);
    }

    [Fact]
    public void Calls_are_whole_named_and_keep_their_signature()
    {
        var reading = new GeminiReading(7, () => "made");
        var piece = reading.Take(
            """{"candidates":[{"finishReason":"STOP","content":{"parts":[{"functionCall":{"name":"balance","args":{"unit":"vc"}},"thoughtSignature":"c2ln"},{"functionCall":{"id":"b","name":"noon"}}]}}],"usageMetadata":{"promptTokenCount":9}}""")!;

        Assert.Equal([new ToolCall("made", "balance", """{"unit":"vc"}""") { Signature = "c2ln" }, new ToolCall("b", "noon", "{}")], piece.Calls);
        Assert.Equal(ChatEnd.Calls, reading.End().End);
    }

    [Theory]
    [InlineData("""{"error":{"code":503,"message":"Overloaded","status":"UNAVAILABLE"}}""", true)]
    [InlineData("""{"error":{"code":429,"status":"RESOURCE_EXHAUSTED","details":[{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"17s"}]}}""", true)]
    [InlineData("""{"error":{"code":400,"status":"INVALID_ARGUMENT"}}""", false)]
    [InlineData("no JSON", true)]
    public void An_error_before_anything_came_is_a_failure_and_after_it_the_end(string error, bool mayRepeat)
    {
        var failure = Assert.ThrowsAny<ModelFailure>(() => new GeminiReading(7, () => "").Take(error));
        Assert.Equal(mayRepeat, failure.MayRepeat);
        Assert.Equal(error.Contains("17s", StringComparison.Ordinal) ? TimeSpan.FromSeconds(17) : null, failure.RetryAfter);

        var (text, last) = Read(Begin, error);
        Assert.Equal(("Good ", ChatEnd.Broken, mayRepeat), (text, last.End, last.Failure!.MayRepeat));
        Assert.Equal(new TokenUsage(31, 0, 42) { Thought = 40, IsEstimated = true, ProviderRequestId = "x1" }, last.Usage);
        // After the end it breaks nothing.
        Assert.Equal((ChatEnd.Stop, null), Read(Begin, Last, error).Last is var whole ? (whole.End, whole.Failure) : default);
    }

    [Fact]
    public void Nothing_at_all_is_a_failure() => Assert.True(Assert.Throws<ModelFailure>(() => new GeminiReading(7, () => "").End()).MayRepeat);

    private static (string Text, ChatPiece Last) Read(params string[] events)
    {
        var (reading, text) = (new GeminiReading(7, () => "call"), "");
        foreach (var data in events)
        {
            text += reading.Take(data)?.Text;
        }

        return (text, reading.End());
    }
}
