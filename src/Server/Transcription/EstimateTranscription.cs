using System.Globalization;
using Ledgerline.Gateway;
using Ledgerline.Http;
using Ledgerline.Usage;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Ledgerline.Transcription;

/// <summary>Says what a recording of so many seconds would cost now. Nothing is reserved.</summary>
internal static class EstimateTranscription
{
    private const string Name = "duration_seconds";
    private const decimal Longest = 86_400;

    public sealed record Answer(decimal DurationSeconds, long CreditsNeeded, long CreditsAvailable, bool CanAfford);

    public static async Task<Ok<Answer>> Handle(HttpRequest request, CurrentAccount caller, Meter meter, ModelCatalog models, CancellationToken stop)
    {
        var seconds = Seconds(request);
        var quote = await meter.Quote(caller.Id, models.Transcription, seconds, stop);
        return TypedResults.Ok(new Answer(ExactSeconds.Of(seconds), quote.Needed.Ceiling, quote.Available.Floor, quote.CanAfford));
    }

    // By hand and as decimals: the framework's own reading knows NaN, infinity and the server's idea of a 400.
    private static decimal Seconds(HttpRequest request)
    {
        var values = request.Query[Name];
        if (values is not [var text])
        {
            throw values.Count == 0 ? Invalid.Missing("query", Name) : new Invalid("query", Name, "Give one value, not several");
        }

        const NumberStyles plain = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        return !decimal.TryParse(text, plain, CultureInfo.InvariantCulture, out var seconds)
            ? throw new Invalid("query", Name, "Input should be a finite number of seconds", "float_parsing")
            : seconds switch
            {
                < 0 => throw new Invalid("query", Name, "Input should be greater than or equal to 0", "greater_than_equal"),
                > Longest => throw new Invalid("query", Name, "Input should be less than or equal to 86400", "less_than_equal"),
                _ => seconds,
            };
    }
}
