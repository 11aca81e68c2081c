using System.Text.Json.Nodes;
using Compare.Load;
using Compare.Peers;

namespace Compare.Experiments;

/// <summary>How fast plain HTTP is on the transport of the engine, and on Kestrel's own.</summary>
public sealed class HttpExperiment(Settings settings) : Experiment(settings)
{
    private const string StockTransport = "engine-stock";
    private readonly LoadGenerator _load = new(typeof(HttpExperiment).Assembly.Location, settings.ClientCore);

    /// <inheritdoc/>
    public override string Key => "http";

    /// <inheritdoc/>
    public override string Title => "Plain HTTP";

    /// <inheritdoc/>
    public override string Unit => "GET /ping a second";

    /// <inheritdoc/>
    public override string Method =>
        "One application on three transports, 64 kept-alive connections with one request in flight on each. The "
        + "warm-up is three times as long.";

    /// <inheritdoc/>
    public override (string Key, string Unit) Also =>
        ("serverCpuMicrosecondsPerRequest", "µs of server CPU per request");

    /// <inheritdoc/>
    public override string CellTitle => "connections";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Cells => ["64"];

    /// <inheritdoc/>
    public override IReadOnlyList<string> Bases => [StockTransport];

    /// <inheritdoc/>
    public override bool Includes(Peer peer) => peer.Key is Peer.Engine or "engine-inline" or StockTransport;

    /// <inheritdoc/>
    public override async Task<(double Value, JsonObject Details)> MeasureAsync(
        RunningPeer peer, int cell, CancellationToken cancellationToken)
    {
        // More code takes part than in an echo, so it takes longer until all of it is compiled for good.
        int warmup = 3 * Settings.Warmup;
        JsonObject details = await _load.RunAsync(
            $"http-load --port {peer.Port} --connections 64 --duration {Settings.Duration} --warmup {warmup} "
                + $"--server-pid {peer.ProcessId}",
            cancellationToken);
        return ((double)details["requestsPerSecond"]!, details);
    }
}
