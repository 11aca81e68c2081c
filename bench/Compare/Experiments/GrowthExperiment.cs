using System.Text.Json.Nodes;
using Compare.Peers;

namespace Compare.Experiments;

/// <summary>How the cost of a message grows with the number of connections that it is spread over.</summary>
public sealed class GrowthExperiment(Settings settings) : Experiment(settings)
{
    /// <inheritdoc/>
    public override string Key => "growth";

    /// <inheritdoc/>
    public override string Title => "Growth of the cost with the number of connections";

    /// <inheritdoc/>
    public override string Unit => "µs of server CPU per message";

    /// <inheritdoc/>
    public override string Method => FormattableString.Invariant(
        $"{Settings.Rate:N0} messages of 20 bytes a second are offered, spread evenly over the connections.");

    /// <inheritdoc/>
    public override (string Key, string Unit) Also => ("messagesPerSecond", "messages a second");

    /// <inheritdoc/>
    public override string CellTitle => "connections";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Cells =>
        [.. Settings.Growth.Select(connections => FormattableString.Invariant($"{connections:N0}"))];

    /// <inheritdoc/>
    public override IReadOnlyList<string> Bases => [];

    /// <inheritdoc/>
    public override bool ComparesCells => true;

    /// <inheritdoc/>
    public override Task<(double Value, JsonObject Details)> MeasureAsync(
        RunningPeer peer, int cell, CancellationToken cancellationToken) =>
        EchoAsync(
            peer,
            new EchoCell(20, 1, Settings.Growth[cell]),
            Settings.GrowthDuration,
            Settings.Rate,
            cancellationToken);
}
