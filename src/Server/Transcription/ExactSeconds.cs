using System.Globalization;

namespace Ledgerline.Transcription;

/// <summary>How lengths are written in answers: every digit that was measured, and at least one after the point, as clients know it.</summary>
internal static class ExactSeconds
{
    public static decimal Of(decimal seconds) =>
        seconds == 0 ? 0.0m : decimal.Parse(seconds.ToString("0.0###########################", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
}
