using System.Text;
using System.Xml;
using Ledgerline.Kernel;

namespace Ledgerline.Calls.Answering;

/// <summary>What the carrier is to do with a call, in its own language. Every answer ends with a hang-up: no silent, billed line stays open.</summary>
internal static class Twiml
{
    public const string ContentType = "application/xml; charset=utf-8";

    /// <summary>Nothing more.</summary>
    public const string Empty = """<?xml version="1.0" encoding="UTF-8"?><Response/>""";

    private const string Voice = "Google.en-US-Chirp3-HD-Aoede";

    private static readonly XmlWriterSettings Settings = new() { Encoding = new UTF8Encoding(false), CheckCharacters = false };

    public static IResult Answer(string twiml) => Results.Text(twiml, ContentType);

    /// <summary>Says one sentence and hangs up.</summary>
    public static string Sentence(string sentence) => Write(xml => Say(xml, sentence, null));

    public static string HangUp() => Write(_ => { });

    /// <summary>Connects the caller with a socket of ours.</summary>
    /// <param name="opening">What is said before, in order; null stands for a second of silence.</param>
    /// <param name="notice">Said before everything else.</param>
    /// <param name="url"><c>wss</c>, without a query: the carrier drops it.</param>
    public static string Stream(IReadOnlyList<string?> opening, string url, IReadOnlyList<KeyValuePair<string, string>> parameters, RecordingNotice? notice = null) => Write(xml =>
    {
        if (notice is not null)
        {
            Say(xml, notice.Sentence, notice.Language is null ? Voice : null, notice.Language);
        }

        var isFirst = true;
        foreach (var sentence in opening)
        {
            if (sentence is null)
            {
                xml.WriteStartElement("Pause");
                xml.WriteAttributeString("length", "1");
                xml.WriteEndElement();
                continue;
            }

            Say(xml, sentence, isFirst ? Voice : null);
            isFirst = false;
        }

        xml.WriteStartElement("Connect");
        xml.WriteStartElement("Stream");
        xml.WriteAttributeString("url", url);
        foreach (var (name, value) in parameters)
        {
            xml.WriteStartElement("Parameter");
            xml.WriteAttributeString("name", name);
            xml.WriteAttributeString("value", Clean(value));
            xml.WriteEndElement();
        }

        xml.WriteEndElement();
        xml.WriteEndElement();
    });

    private static void Say(XmlWriter xml, string sentence, string? voice, string? language = null)
    {
        xml.WriteStartElement("Say");
        if (voice is not null)
        {
            xml.WriteAttributeString("voice", voice);
        }

        if (language is not null)
        {
            xml.WriteAttributeString("language", language);
        }

        xml.WriteString(Clean(sentence));
        xml.WriteEndElement();
    }

    private static string Write(Action<XmlWriter> verbs)
    {
        using var text = new Utf8Text();
        using (var xml = XmlWriter.Create(text, Settings))
        {
            xml.WriteStartElement("Response");
            verbs(xml);
            xml.WriteElementString("Hangup", null);
            xml.WriteEndElement();
        }

        return text.ToString();
    }

    // What no XML can hold, and what no name should, stands in names all the same. Beyond the first 65,536 characters XML takes everything.
    private static string Clean(string text) => string.Concat(
        text.EnumerateRunes().Where(rune => !ShownText.IsUnfit(rune) && (!rune.IsBmp || XmlConvert.IsXmlChar((char)rune.Value))));

    private sealed class Utf8Text : StringWriter
    {
        public override Encoding Encoding => Encoding.UTF8;
    }
}
