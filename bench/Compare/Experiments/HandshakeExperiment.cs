using System.Text.Json.Nodes;
using Compare.Peers;

namespace Compare.Experiments;

/// <summary>What a new connection costs the server: TCP, the request and its answer.</summary>
public sealed class HandshakeExperiment(Settings settings) : Experiment(settings)
{
    /// <inheritdoc/>
    public override string Key => "handshake";

    /// <inheritdoc/>
    public override string Title => "Cost of a handshake";

    /// <inheritdoc/>
    public override string Unit => "µs of server CPU per handshake";

    /// <inheritdoc/>
    public override string Method =>
        $"{Settings.Handshakes} handshakes are under way at once; each connection is closed again when it is open.";

    /// <inheritdoc/>
    public override (string Key, string Unit) Also => ("handshakesPerSecond", "handshakes a second");

    /// <inheritdoc/>
    public override string CellTitle => "at once";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Cells => [$"{Settings.Handshakes}"];

    /// <inheritdoc/>
    public override async Task<(double Value, JsonObject Details)> MeasureAsync(
        RunningPeer peer, int cell, CancellationToken cancellationToken)
    {
        JsonObject details = await Load.RunAsync(
            $"connect --url {peer.Url} --concurrency {Settings.Handshakes} --duration {Settings.Duration} "
                + $"--warmup {Settings.Warmup} --server-pid {peer.ProcessId} --json -",
            cancellationToken);
        return ((double)details["serverCpuMicrosecondsPerHandshake"]!, details);
    }
}
