using System.Diagnostics;
using System.Text.Json.Nodes;
using Compare.Experiments;
using Compare.Peers;

namespace Compare;

/// <summary>Asks every experiment of every peer, again and again, and keeps what was found.</summary>
/// <param name="settings">What to measure.</param>
/// <param name="experiments">The experiments, in their order.</param>
/// <param name="peers">The peers.</param>
public sealed class Comparison(Settings settings, IReadOnlyList<Experiment> experiments, IReadOnlyList<Peer> peers)
{
    private readonly List<(Experiment Experiment, int Repeat, int Cell, Peer Peer)> _plan =
    [
        .. from experiment in experiments
           let included = peers.Where(experiment.Includes).ToArray()
           from repeat in Enumerable.Range(1, settings.Repeats)
           from cell in Enumerable.Range(0, experiment.Cells.Count)
           from turn in Enumerable.Range(0, included.Length)
           // The peers of one cell follow each other directly, and no one is always the first.
           select (experiment, repeat, cell, included[(turn + repeat + cell) % included.Length]),
    ];

    /// <summary>What was found so far.</summary>
    public List<Sample> Samples { get; } = [];

    /// <summary>What could not be measured, and why.</summary>
    public List<string> Failures { get; } = [];

    /// <summary>Measures everything and tells on the terminal how it goes.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        long begin = Stopwatch.GetTimestamp();
        for (int i = 0; i < _plan.Count; i++)
        {
            (Experiment experiment, int repeat, int cell, Peer peer) = _plan[i];
            string what = $"{experiment.Key,-9}  {experiment.Cells[cell],-24}  {peer.Key,-13}";
            try
            {
                (double value, JsonObject details) = await MeasureAsync(experiment, cell, peer, cancellationToken);
                Samples.Add(new Sample(experiment.Key, cell, peer.Key, repeat, value, details));
                what += FormattableString.Invariant($"  {value,12:N2} {experiment.Unit}");
            }
            catch (Exception exception) when (exception is InvalidOperationException or TimeoutException or IOException)
            {
                Failures.Add($"{experiment.Key} {experiment.Cells[cell]} {peer.Key}: {FirstLine(exception.Message)}");
                what += $"  failed: {exception.Message}";
            }

            TimeSpan left = Stopwatch.GetElapsedTime(begin) / (i + 1) * (_plan.Count - i - 1);
            Console.Error.WriteLine($"{i + 1,4}/{_plan.Count}  {left:h\\:mm\\:ss} left  {what}");
        }
    }

    /// <summary>The peers that take part in an experiment, in the order of the tables.</summary>
    public IReadOnlyList<Peer> PeersOf(Experiment experiment) => [.. peers.Where(experiment.Includes)];

    /// <summary>The figures of one peer in one cell, in ascending order.</summary>
    public IReadOnlyList<double> Values(Experiment experiment, int cell, string peer) =>
        [.. Find(experiment, cell, peer).Select(sample => sample.Value).Order()];

    /// <summary>The median figure of one peer in one cell; null when there is none.</summary>
    public double? Median(Experiment experiment, int cell, string peer) => Median(Values(experiment, cell, peer));

    /// <summary>The median of the second figure of one peer in one cell; null when there is none.</summary>
    public double? MedianAlso(Experiment experiment, int cell, string peer) => Median(
    [
        .. from sample in Find(experiment, cell, peer)
           let value = sample.Details[experiment.Also.Key]!.GetValue<double>()
           orderby value
           select value,
    ]);

    /// <summary>The median of the ratios of each repetition; null when there is none.</summary>
    public double? Ratio(Experiment experiment, int cell, string peer, int baseCell, string basePeer) => Median(
    [
        .. from sample in Find(experiment, cell, peer)
           join other in Find(experiment, baseCell, basePeer) on sample.Repeat equals other.Repeat
           let ratio = sample.Value / other.Value
           orderby ratio
           select ratio,
    ]);

    private static string FirstLine(string text) => text.Split('\n')[0].Trim();

    private async Task<(double Value, JsonObject Details)> MeasureAsync(
        Experiment experiment, int cell, Peer peer, CancellationToken cancellationToken)
    {
        await using RunningPeer running = await RunningPeer.StartAsync(peer, settings.ServerCore, cancellationToken);
        try
        {
            return await experiment.MeasureAsync(running, cell, cancellationToken);
        }
        catch (InvalidOperationException exception)
        {
            throw new InvalidOperationException(exception.Message + running.Obituary(), exception);
        }
    }

    private static double? Median(IReadOnlyList<double> sorted) =>
        sorted.Count == 0 ? null : (sorted[(sorted.Count - 1) / 2] + sorted[sorted.Count / 2]) / 2;

    private IEnumerable<Sample> Find(Experiment experiment, int cell, string peer) =>
        Samples.Where(sample => sample.Experiment == experiment.Key && sample.Cell == cell && sample.Peer == peer);
}
