namespace Bench.Media;

/// <summary>What the load is told to do.</summary>
/// <param name="Bridge">Where the calls' audio goes, <c>ws://…</c>; for ours the host of it, because each call's address comes from its TwiML.</param>
/// <param name="Server">Our server, whose TwiML is fetched first, signed as the carrier signs; null: any other bridge, which is sent no token.</param>
/// <param name="Public">The address that is signed.</param>
/// <param name="Numbers">Numbers of ours that are rung, in turn.</param>
/// <param name="ModelPort">Where the model's stub listens.</param>
/// <param name="PieceMs">Audio that the model sends at a time.</param>
/// <param name="BridgePid">Of the process that is measured; null: nothing is.</param>
/// <param name="Mixed">Short calls that end in every way, instead of steady ones.</param>
internal sealed record LoadOrder(
    Uri Bridge, Uri? Server, string Public, string AuthToken, IReadOnlyList<string> Numbers, int ModelPort, int Calls, int Seconds, int WarmSeconds, int PieceMs,
    int HandshakeMs, int? BridgePid, bool Mixed);

/// <summary>What came of it.</summary>
/// <param name="CpuPercent">Of a core, of the bridge's process, while it was measured, all calls together.</param>
/// <param name="MemoryMegabytes">Resident, at the end of the measurement.</param>
/// <param name="Sent">Frames that the phones sent until they stopped.</param>
/// <param name="Lost">Of those how many never reached the model.</param>
/// <param name="LostFromModel">Frames of the model that were missing between others at the phones.</param>
/// <param name="LateMs">How far the load itself was behind at the worst.</param>
/// <param name="LoadCpuPercent">Of a core, what the load itself took.</param>
internal sealed record LoadResult(
    int Connected, int Refused, double CpuPercent, double MemoryMegabytes, long Frames, double ToModelP50, double ToModelP99, double ToPhoneP50, double ToPhoneP99,
    long Sent, long Lost, long LostFromModel, long LateMs, double LoadCpuPercent, int ModelSessionsOpen);
