using System.Diagnostics;
using System.Text.Json.Nodes;
using Compare.Peers;

namespace Compare.Experiments;

/// <summary>How much memory of the server's process an idle connection takes.</summary>
public sealed class IdleExperiment(Settings settings) : Experiment(settings)
{
    private const int Longest = 120; // seconds; the connections are let go when the memory is read

    /// <inheritdoc/>
    public override string Key => "idle";

    /// <inheritdoc/>
    public override string Title => "Memory of an idle connection";

    /// <inheritdoc/>
    public override string Unit => "resident bytes per connection";

    /// <inheritdoc/>
    public override string Method =>
        "The growth of the resident set of the process, garbage collected before and after, divided by the number of "
        + "connections. Three times a tenth as many idle ones and an echo of 100 come and go first. The kernel's own "
        + "memory for a socket is not in it.";

    /// <inheritdoc/>
    public override (string Key, string Unit) Also =>
        ("residentBytesBefore", "resident bytes of the process without connections");

    /// <inheritdoc/>
    public override string CellTitle => "connections";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Cells => [FormattableString.Invariant($"{Settings.Idle:N0}")];

    /// <inheritdoc/>
    public override IReadOnlyList<string> Bases => [Peer.Stock];

    /// <inheritdoc/>
    public override async Task<(double Value, JsonObject Details)> MeasureAsync(
        RunningPeer peer, int cell, CancellationToken cancellationToken)
    {
        // What the runtime compiles on the way is no memory of a connection; it compiles what is used often up to three
        // times.
        for (int round = 0; round < 3; round++)
        {
            await Load.RunAsync(
                $"idle --url {peer.Url} --connections {Settings.Idle / 10} --warmup 0 "
                    + $"--duration {Settings.Warmup} --json -",
                cancellationToken);
        }

        await EchoAsync(peer, new EchoCell(1024, 1, 100), 1, 0, cancellationToken);
        await peer.WaitForConnectionsAsync(0, cancellationToken);
        long residentBefore = await ReadAsync();
        using Process holder = Load.Start(
            $"idle --url {peer.Url} --connections {Settings.Idle} --warmup 0 --duration {Longest} --json -");
        try
        {
            await peer.WaitForConnectionsAsync(Settings.Idle, cancellationToken);
            long residentAfter = await ReadAsync();
            double each = (residentAfter - residentBefore) / (double)Settings.Idle;
            return (each, new JsonObject
            {
                ["connections"] = Settings.Idle,
                ["residentBytesBefore"] = (double)residentBefore,
                ["residentBytesAfter"] = (double)residentAfter,
                ["residentBytesPerConnection"] = each,
            });
        }
        finally
        {
            if (!holder.HasExited) holder.Kill();
            await holder.WaitForExitAsync(CancellationToken.None);
        }

        async Task<long> ReadAsync()
        {
            await peer.CollectAsync(cancellationToken);
            await Task.Delay(TimeSpan.FromSeconds(1), cancellationToken); // freed pages go back in the background
            await peer.CollectAsync(cancellationToken);
            return ProcessStatus.ResidentBytes(peer.ProcessId);
        }
    }
}
