namespace Tests.Audio;

/// <summary>One way to encode a recording: ffmpeg's arguments, the file's extension, and by how much the probe may answer more than is played.</summary>
internal sealed record Variant(string Name, string Extension, string Arguments, int MostSurplusMs = 0)
{
    /// <summary>ffmpeg writes to a pipe: sizes and totals in the headers stay unknown.</summary>
    public const string Piped = "-seekable 0 ";

    /// <summary>Other lengths come in fewer variants, so that encoding them does not take longer than all the rest.</summary>
    private static readonly double[] Complete = [0.1, 2.3, 15.0];

    private static readonly string[] Everyday =
    [
        "wav", "wav-piped", "wav-ms-adpcm", "mp3", "mp3-vbr", "mp3-8khz", "m4a", "mp4-fragments", "webm", "webm-live", "ogg-opus", "ogg-vorbis",
        "ogg-flac", "flac", "flac-piped",
    ];

    private const string Stereo = "-ar 48000 -ac 2 ";

    /// <summary>
    /// The surplus is 0 but where a decoder knows more than the container tells: ALAC's last packet may be shorter than the others (4,096
    /// samples at 22,050 Hz), and ffmpeg drops part of Opus' run-in from MP4 (6.5 ms at most).
    /// </summary>
    public static readonly Variant[] All =
    [
        new("wav", "wav", "-c:a pcm_s16le"),
        new("wav-piped", "wav", Piped + "-f wav"),
        new("wav-8bit", "wav", "-c:a pcm_u8"),
        new("wav-24bit-stereo", "wav", Stereo + "-c:a pcm_s24le"),
        new("wav-float", "wav", "-c:a pcm_f32le"),
        new("wav-a-law", "wav", "-ar 8000 -c:a pcm_alaw"),
        new("wav-mu-law", "wav", "-ar 8000 -c:a pcm_mulaw"),
        new("wav-ms-adpcm", "wav", "-c:a adpcm_ms"),
        new("wav-ima-adpcm-stereo", "wav", "-ac 2 -c:a adpcm_ima_wav"),
        new("wav-rf64", "wav", "-rf64 always -c:a pcm_s16le"),
        new("mp3", "mp3", "-c:a libmp3lame -b:a 48k"),
        new("mp3-vbr", "mp3", "-ar 44100 -c:a libmp3lame -q:a 4"),
        new("mp3-stereo-320", "mp3", Stereo + "-c:a libmp3lame -b:a 320k"),
        new("mp3-8khz", "mp3", "-ar 8000 -c:a libmp3lame -b:a 8k"),
        new("mp3-bare", "mp3", "-c:a libmp3lame -write_xing 0 -id3v2_version 0"),
        new("mp2", "mp3", Stereo + "-c:a mp2 -f mp2"),
        new("m4a", "m4a", "-c:a aac -aac_coder fast"),
        new("m4a-faststart", "m4a", Stereo + "-c:a aac -aac_coder fast -movflags +faststart"),
        new("m4a-alac", "m4a", "-c:a alac", 186),
        new("mp4-fragments", "mp4", "-c:a aac -aac_coder fast -frag_duration 700000 -movflags frag_keyframe+empty_moov"),
        new("mp4-fragments-dash", "mp4", Stereo + "-c:a aac -aac_coder fast -frag_duration 700000 -movflags frag_keyframe+empty_moov+default_base_moof"),
        new("mp4-opus", "mp4", "-c:a libopus -f mp4", 7),
        new("webm", "webm", "-c:a libopus"),
        new("webm-live", "webm", "-c:a libopus -live 1"),
        new("webm-piped", "webm", Piped + "-c:a libopus -b:a 24k -f webm"),
        new("webm-vorbis", "webm", "-c:a libvorbis"),
        new("mkv-aac", "mkv", "-c:a aac -aac_coder fast"),
        new("mkv-pcm", "mkv", "-c:a pcm_s16le"),
        new("ogg-opus", "ogg", "-c:a libopus"),
        new("ogg-opus-60ms", "opus", "-c:a libopus -frame_duration 60"),
        new("ogg-vorbis", "ogg", "-c:a libvorbis"),
        new("ogg-vorbis-stereo", "ogg", Stereo + "-c:a libvorbis"),
        new("ogg-flac", "oga", "-c:a flac -f ogg"),
        new("flac", "flac", "-c:a flac"),
        new("flac-piped", "flac", Piped + "-c:a flac -f flac"),
        new("flac-24bit-stereo", "flac", Stereo + "-c:a flac -sample_fmt s32"),
    ];

    public static IEnumerable<Variant> Of(double seconds) => All.Where(variant => Complete.Contains(seconds) || Everyday.Contains(variant.Name));
}
