using System.Text.Json.Nodes;
using Compare.Peers;

namespace Compare.Experiments;

/// <summary>What an echoed message costs the server.</summary>
public sealed class EchoExperiment(Settings settings) : Experiment(settings)
{
    private readonly List<EchoCell> _cells =
    [
        .. from payload in settings.Payloads
           from depth in settings.Depths
           from connections in settings.Connections
           select new EchoCell(payload, depth, connections),
    ];

    /// <inheritdoc/>
    public override string Key => "echo";

    /// <inheritdoc/>
    public override string Title => "Cost of an echoed message";

    /// <inheritdoc/>
    public override string Unit => "µs of server CPU per message";

    /// <inheritdoc/>
    public override string Method =>
        "Each connection keeps a fixed number of binary messages in flight: when an echo comes back, the next leaves.";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Bases => [Peer.Stock, Peer.Floor, Peer.Engine];

    /// <inheritdoc/>
    public override (string Key, string Unit) Also =>
        ("messagesPerSecond", "messages a second, at most what the load generator can send");

    /// <inheritdoc/>
    public override string CellTitle => "payload × in flight × connections";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Cells => [.. _cells.Select(cell => cell.ToString())];

    /// <inheritdoc/>
    public override Task<(double Value, JsonObject Details)> MeasureAsync(
        RunningPeer peer, int cell, CancellationToken cancellationToken) =>
        EchoAsync(peer, _cells[cell], Settings.Duration, 0, cancellationToken);
}
