using System.Text;
using Ledgerline.Calls.Bridge;
using Xunit;

namespace Tests.Calls.Bridge;

/// <summary>What the phone's side sends, and what somebody might send in its place.</summary>
public sealed class PhoneFrameTests
{
    private const string Media = """{"event":"media","sequenceNumber":"3","streamSid":"MZ0f","media":{"track":"inbound","chunk":"1","timestamp":"5","payload":"AAEC"}}""";

    [Fact]
    public void Media_is_read_in_place()
    {
        var frame = PhoneFrame.Read(Encoding.UTF8.GetBytes(Media));

        Assert.Equal((PhoneEvent.Media, "AAEC", 3, 5L), (frame.Event, Encoding.UTF8.GetString(frame.Payload), frame.PayloadBytes, frame.Timestamp!.Value));
    }

    [Theory]
    [InlineData("""{"event":"connected","protocol":"Call","version":"1.0.0"}""", "Connected")]
    [InlineData("""{"streamSid":"MZ","mark":{"name":"responsePart"},"event":"mark"}""", "Mark")]
    [InlineData("""{"event":"stop"}""", "Stop")]
    [InlineData("""{"event":"start","start":{"media":{"payload":"!"}}}""", "Start")]
    [InlineData("""{"event":"hold","media":7}""", "Unknown")]
    [InlineData("""{"event":"\u006dedia","media":{"payload":"AAEC"}}""", "Media")]
    [InlineData("""{"media":{"payload":"AAEC","timestamp":20},"event":"media"}""", "Media")]
    [InlineData("""{"event":"media","media":{"payload":"AAEC","timestamp":"-5"}}""", "Media")]
    [InlineData("""{"event":"media","media":{"payload":"AA\u002BC"}}""", "Media")]
    [InlineData("""{"event":"media","media":{"payload":"AAEC","timestamp":"9223372036854775807"}}""", "Media")]
    [InlineData("""{"event":"media","media":{"payload":"AA\/C"}}""", "Media")]
    [InlineData("""{"event":"media","media":{"payload":"AA\"C"}}""", "Malformed")]
    [InlineData("""{"event":"media","media":{"payload":"AAE"}}""", "Malformed")]
    [InlineData("""{"event":"media","media":{"payload":"AA EC"}}""", "Malformed")]
    [InlineData("""{"event":"media","media":{"payload":"AAEC\n"}}""", "Malformed")]
    [InlineData("""{"event":"media","media":{"payload":""}}""", "Malformed")]
    [InlineData("""{"event":"media","media":{"payload":null}}""", "Malformed")]
    [InlineData("""{"event":"media","media":{"payload":{"payload":"AAEC"}}}""", "Malformed")]
    [InlineData("""{"event":"media","media":"AAEC"}""", "Malformed")]
    [InlineData("""{"event":"media"}""", "Malformed")]
    [InlineData("""{"event":5}""", "Malformed")]
    [InlineData("""{"event":"mark"}{"event":"mark"}""", "Malformed")]
    [InlineData("""{"event":"mark"} x""", "Malformed")]
    [InlineData("{\"event\":\"mark", "Malformed")]
    [InlineData("""{}""", "Malformed")]
    [InlineData("""[]""", "Malformed")]
    [InlineData(""" """, "Malformed")]
    [InlineData("", "Malformed")]
    [InlineData("hello", "Malformed")]
    public void Every_frame_is_something(string text, string kind) => Assert.Equal(kind, PhoneFrame.Read(Encoding.UTF8.GetBytes(text)).Event.ToString());

    [Theory]
    [InlineData("1", '1')]
    [InlineData("#", '#')]
    [InlineData("D", 'D')]
    [InlineData("E", null)]
    [InlineData("12", null)]
    [InlineData("", null)]
    public void A_key_is_one_of_sixteen(string digit, char? read) =>
        Assert.Equal(read, PhoneFrame.Read(Encoding.UTF8.GetBytes($$$"""{"event":"dtmf","dtmf":{"track":"inbound_track","digit":"{{{digit}}}"}}""")).Digit);

    [Fact]
    public void No_bytes_whatever_make_it_fail()
    {
        var random = new Random(20261128);
        var good = Encoding.UTF8.GetBytes(Media);
        for (var round = 0; round < 200_000; round++)
        {
            var text = good[..random.Next(good.Length + 1)];
            for (var change = random.Next(4); change > 0 && text.Length > 0; change--)
            {
                text[random.Next(text.Length)] = (byte)random.Next(256);
            }

            var frame = PhoneFrame.Read(text);
            Assert.True(frame.Event != PhoneEvent.Media || frame.PayloadBytes > 0 && frame.Payload.IndexOfAny("\"\\ \r\n"u8) < 0);
        }
    }

    [Theory]
    [InlineData("""{"event":"start","streamSid":"MZ1","start":{"callSid":"CA1","customParameters":{"token":"t"}}}""", true)]
    [InlineData("""{"event":"start","start":{"streamSid":"MZ1","callSid":"CA1"}}""", true)]
    [InlineData("""{"event":"start","start":{"streamSid":"MZ1\"","callSid":"CA1"}}""", false)]
    [InlineData("""{"event":"start","start":{"streamSid":"MZ1"}}""", false)]
    [InlineData("""{"event":"start","start":{"callSid":"CA1"}}""", false)]
    [InlineData("""{"event":"start","start":{"streamSid":"","callSid":"CA1"}}""", false)]
    [InlineData("""{"event":"start","start":{"streamSid":"MZ1","callSid":5}}""", false)]
    [InlineData("""{"event":"start","start":{"streamSid":"MZ1","callSid":"CA1","mediaFormat":{"encoding":"audio/x-l16"}}}""", false)]
    [InlineData("""{"event":"start","start":[]}""", false)]
    [InlineData("""{"event":"media"}""", false)]
    [InlineData("""[]""", false)]
    [InlineData("x", false)]
    public void A_start_names_its_stream_and_its_call(string text, bool isGood) => Assert.Equal(isGood, StartFrame.Read(Encoding.UTF8.GetBytes(text)) is not null);
}
