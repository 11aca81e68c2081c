using Compare.Experiments;
using Compare.Peers;

namespace Compare.Reports;

/// <summary>A table of a report: a title, a head and rows of text.</summary>
/// <param name="Title">What the cells say.</param>
/// <param name="Head">The head of each column.</param>
/// <param name="Rows">The rows, each with as many cells as the head.</param>
public sealed record ResultTable(string Title, IReadOnlyList<string> Head, IReadOnlyList<IReadOnlyList<string>> Rows)
{
    /// <summary>Makes the tables of an experiment: its figures, then their ratios.</summary>
    public static IEnumerable<ResultTable> For(Experiment experiment, Comparison comparison)
    {
        IReadOnlyList<Peer> peers = comparison.PeersOf(experiment);
        yield return Make(experiment.Unit, (cell, peer) => Number(comparison.Median(experiment, cell, peer)));
        foreach (Peer other in peers.Where(peer => experiment.Bases.Contains(peer.Key)))
        {
            yield return Make(
                $"ratio to {other.Title}",
                (cell, peer) => Ratio(comparison.Ratio(experiment, cell, peer, cell, other.Key)));
        }

        if (experiment.ComparesCells)
        {
            yield return Make(
                $"ratio to the same with {experiment.Cells[0]} {experiment.CellTitle}",
                (cell, peer) => Ratio(comparison.Ratio(experiment, cell, peer, 0, peer)));
        }

        yield return Make(experiment.Also.Unit, (cell, peer) => Number(comparison.MedianAlso(experiment, cell, peer)));

        ResultTable Make(string title, Func<int, string, string> text) => new(
            title,
            [experiment.CellTitle, .. peers.Select(peer => peer.Title)],
            [.. experiment.Cells.Select((name, cell) => Row(name, cell, text))]);

        string[] Row(string name, int cell, Func<int, string, string> text) =>
            [name, .. peers.Select(peer => text(cell, peer.Key))];
    }

    /// <summary>Writes a figure with three digits that mean something.</summary>
    public static string Number(double? value) => value switch
    {
        null => "–",
        < 9.995 and > -9.995 => FormattableString.Invariant($"{value:0.00}"),
        < 99.95 and > -99.95 => FormattableString.Invariant($"{value:0.0}"),
        _ => FormattableString.Invariant($"{value:N0}"),
    };

    private static string Ratio(double? value) => value is null ? "–" : FormattableString.Invariant($"{value:0.00}");
}
