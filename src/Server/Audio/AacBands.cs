namespace Ledgerline.Audio;

/// <summary>The widths of the scale factor bands (ISO 14496-3 tables 4.129 to 4.147), each as the character '0' plus a quarter of its lines.</summary>
internal static class AacBands
{
    public static ReadOnlySpan<byte> Widths(int rateIndex, bool isShort) => isShort
        ? rateIndex switch
        {
            <= 2 => "111111222479"u8,
            <= 5 => "11111222333444"u8,
            <= 7 => "111111122233445"u8,
            <= 10 => "111111112233455"u8,
            _ => "111111122223455"u8,
        }
        : rateIndex switch
        {
            <= 1 => "11111111111111222223333344679;@@@@@@@@@@@"u8,
            2 => "11111111111111222233344456679::::::::::::::::::"u8,
            <= 4 => "111111111122222223333445566778888888888888888888H"u8,
            5 => "111111111122222223333445566778888888888888888888888"u8,
            <= 7 => "1111111111122222222223333444556677899:;<==@@@@@"u8,
            <= 10 => "222222222223333333334444555667789::;<=>?@@@"u8,
            _ => "33333333333334444444555566677899:;<=>?@D"u8,
        };

    public static int Lines(byte width) => (width - '0') * 4;
}
