namespace Ledgerline.Audio;

/// <summary>The box types of MP4 that matter here, as the numbers their four letters make.</summary>
internal static class Mp4
{
    public const uint Moov = 0x6D6F6F76;
    public const uint Mvhd = 0x6D766864;
    public const uint Cmov = 0x636D6F76;
    public const uint Trak = 0x7472616B;
    public const uint Tkhd = 0x746B6864;
    public const uint Edts = 0x65647473;
    public const uint Elst = 0x656C7374;
    public const uint Mdia = 0x6D646961;
    public const uint Mdhd = 0x6D646864;
    public const uint Hdlr = 0x68646C72;
    public const uint Minf = 0x6D696E66;
    public const uint Stbl = 0x7374626C;
    public const uint Stsd = 0x73747364;
    public const uint Stts = 0x73747473;
    public const uint Stsc = 0x73747363;
    public const uint Stsz = 0x7374737A;
    public const uint Stz2 = 0x73747A32;
    public const uint Stco = 0x7374636F;
    public const uint Co64 = 0x636F3634;
    public const uint Mvex = 0x6D766578;
    public const uint Trex = 0x74726578;
    public const uint Moof = 0x6D6F6F66;
    public const uint Traf = 0x74726166;
    public const uint Tfhd = 0x74666864;
    public const uint Trun = 0x7472756E;
    public const uint Udta = 0x75647461;
    public const uint Meta = 0x6D657461;
    public const uint Ilst = 0x696C7374;
    public const uint Dinf = 0x64696E66;
    public const uint Gmhd = 0x676D6864;
    public const uint Tapt = 0x74617074;
    public const uint Clip = 0x636C6970;
    public const uint Sinf = 0x73696E66;
    public const uint Schi = 0x73636869;
    public const uint Esds = 0x65736473;
    public const uint DOps = 0x644F7073;
    public const uint Alac = 0x616C6163;
    public const uint Glbl = 0x676C626C;
    public const uint DfLa = 0x64664C61;
    public const uint Wave = 0x77617665;
    public const uint Free = 0x66726565;
    public const uint Hoov = 0x686F6F76;
    public const uint Ftyp = 0x66747970;
    public const uint Styp = 0x73747970;
    public const uint Mdat = 0x6D646174;
    public const uint Skip = 0x736B6970;
    public const uint Wide = 0x77696465;
    public const uint SoundHandler = 0x736F756E;
    public const uint VideoHandler = 0x76696465;
}
