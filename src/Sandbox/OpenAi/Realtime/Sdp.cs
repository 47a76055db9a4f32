using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Sandbox.Core;

namespace Sandbox.OpenAi.Realtime;

/// <summary>Answers a WebRTC offer in due form; behind the answer there is nobody to connect to.</summary>
internal static class Sdp
{
    public static string Answer(string offer)
    {
        var lines = offer.ReplaceLineEndings("\n").Split('\n');
        var media = lines.Where(line => line.StartsWith("m=", StringComparison.Ordinal)).ToList();
        if (lines[0] != "v=0" || !media.Exists(line => line.StartsWith("m=audio ", StringComparison.Ordinal)))
        {
            throw new OpenAiError(400, "The sdp is no offer with an audio section.", "sdp", "invalid_value");
        }

        var mids = lines.Where(line => line.StartsWith("a=mid:", StringComparison.Ordinal)).Select(line => line[6..]).ToList();
        var answer = new StringBuilder()
            .Append(CultureInfo.InvariantCulture, $"v=0\r\no=- {Ids.Digits(18)} 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n")
            .Append(CultureInfo.InvariantCulture, $"a=group:BUNDLE {string.Join(' ', mids)}\r\na=msid-semantic:WMS *\r\n");
        var print = string.Join(':', RandomNumberGenerator.GetBytes(32).Select(part => part.ToString("X2", CultureInfo.InvariantCulture)));
        var (name, word) = (Ids.New("", 8), Ids.New("", 24));
        for (var at = 0; at < media.Count; at++)
        {
            var audio = media[at].StartsWith("m=audio ", StringComparison.Ordinal);
            answer.Append(audio ? "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n" : "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n")
                .Append(CultureInfo.InvariantCulture, $"c=IN IP4 0.0.0.0\r\na=mid:{mids.ElementAtOrDefault(at) ?? at.ToString(CultureInfo.InvariantCulture)}\r\n")
                .Append("a=candidate:1 1 udp 2130706431 127.0.0.1 9 typ host\r\na=end-of-candidates\r\n")
                .Append(CultureInfo.InvariantCulture, $"a=ice-ufrag:{name}\r\na=ice-pwd:{word}\r\na=fingerprint:sha-256 {print}\r\na=setup:passive\r\n")
                .Append(audio ? "a=rtcp-mux\r\na=rtpmap:111 opus/48000/2\r\na=fmtp:111 minptime=10;useinbandfec=1\r\na=sendrecv\r\n" : "a=sctp-port:5000\r\n");
        }

        return answer.ToString();
    }
}
