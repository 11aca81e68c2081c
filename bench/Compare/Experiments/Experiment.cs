using System.Text.Json.Nodes;
using Compare.Load;
using Compare.Peers;

namespace Compare.Experiments;

/// <summary>One question, asked of every peer in every cell: a way to load it, and one figure to read.</summary>
/// <param name="settings">What to measure.</param>
public abstract class Experiment(Settings settings)
{
    /// <summary>How the command line and the results call it.</summary>
    public abstract string Key { get; }

    /// <summary>The heading of its tables.</summary>
    public abstract string Title { get; }

    /// <summary>The unit of its figure.</summary>
    public abstract string Unit { get; }

    /// <summary>How the figure comes about, in a few sentences.</summary>
    public abstract string Method { get; }

    /// <summary>What distinguishes the cells, as the head of their column.</summary>
    public abstract string CellTitle { get; }

    /// <summary>The names of the cells.</summary>
    public abstract IReadOnlyList<string> Cells { get; }

    /// <summary>A second figure to show: its name among the details, and its unit.</summary>
    public abstract (string Key, string Unit) Also { get; }

    /// <summary>The keys of the peers with which every peer is compared.</summary>
    public virtual IReadOnlyList<string> Bases => [Peer.Stock, Peer.Floor];

    /// <summary>Whether each cell is compared with the first one of the same peer.</summary>
    public virtual bool ComparesCells => false;

    /// <summary>Tells whether a peer takes part.</summary>
    public virtual bool Includes(Peer peer) => !peer.HttpOnly;

    /// <summary>Loads a fresh peer and measures one cell.</summary>
    /// <returns>The figure, and all that was found out beside it.</returns>
    public abstract Task<(double Value, JsonObject Details)> MeasureAsync(
        RunningPeer peer, int cell, CancellationToken cancellationToken);

    /// <summary>What to measure.</summary>
    protected Settings Settings { get; } = settings;

    /// <summary>The load generator of WebSockets.</summary>
    protected LoadGenerator Load { get; } = new(Repository.Assembly("tools", "Tideway.Load"), settings.ClientCore);

    /// <summary>Runs echo load and reads the server's processor time per message.</summary>
    protected async Task<(double Value, JsonObject Details)> EchoAsync(
        RunningPeer peer, EchoCell cell, int seconds, int rate, CancellationToken cancellationToken)
    {
        string arguments = $"echo --url {peer.Url} --connections {cell.Connections} --depth {cell.Depth} "
            + $"--payload {cell.Payload} --duration {seconds} --warmup {Settings.Warmup} "
            + $"--server-pid {peer.ProcessId} --json -" + (rate > 0 ? $" --rate {rate}" : "");
        JsonObject details = await Load.RunAsync(arguments, cancellationToken);
        return ((double)details["serverCpuMicrosecondsPerMessage"]!, details);
    }
}
