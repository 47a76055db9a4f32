using System.Net;
using System.Runtime.CompilerServices;
using System.Text;

namespace Sandbox.Core;

/// <summary>A piece of markup; whatever is put into its holes is encoded, unless it is markup itself.</summary>
internal readonly record struct Html(string Markup)
{
    public static readonly Html Empty = new("");

    public static Html Of(Writer markup) => new(markup.Text);

    public static Html Join(IEnumerable<Html> pieces) => new(string.Concat(pieces.Select(piece => piece.Markup)));

    public override string ToString() => Markup;

    [InterpolatedStringHandler]
    internal readonly ref struct Writer(int literalLength, int holes)
    {
        private readonly StringBuilder _text = new(literalLength + holes * 16);

        public string Text => _text.ToString();

        public void AppendLiteral(string markup) => _text.Append(markup);

        public void AppendFormatted(Html piece) => _text.Append(piece.Markup);

        public void AppendFormatted(IEnumerable<Html> pieces) => _text.Append(Join(pieces).Markup);

        public void AppendFormatted(string? text) => _text.Append(WebUtility.HtmlEncode(text));

        public void AppendFormatted(long number) => _text.Append(number);
    }
}
