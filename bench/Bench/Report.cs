using System.Text.Json;

namespace Bench;

/// <summary>One measured figure beside its yardstick.</summary>
/// <param name="Name">Reads like a path: <c>gateway.transcription.cpu-us</c>.</param>
/// <param name="Ratio">Ours divided by the peer's; null without a peer.</param>
internal sealed record Figure(string Name, string Unit, double Ours, double? Peer, string? PeerName, double? Ratio, bool LowerIsBetter);

/// <summary>Collects figures, prints each as it comes, and writes them all to artifacts/bench.json.</summary>
internal sealed class Report
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, WriteIndented = true };
    private readonly List<Figure> figures = [];

    public void Add(string name, string unit, double ours, double? peer = null, string? peerName = null, bool lowerIsBetter = true)
    {
        double? ratio = peer is > 0 ? Math.Round(ours / peer.Value, 3) : null;
        figures.Add(new Figure(name, unit, Math.Round(ours, 2), peer is null ? null : Math.Round(peer.Value, 2), peerName, ratio, lowerIsBetter));
        Console.WriteLine($"{name,-44} {ours,12:0.##} {unit,-8} {(peer is null ? "" : $"{peerName} {peer:0.##}, ratio {ratio:0.###}")}");
    }

    public void Write()
    {
        Directory.CreateDirectory("artifacts");
        File.WriteAllText("artifacts/bench.json", JsonSerializer.Serialize(figures, Json));
    }
}
