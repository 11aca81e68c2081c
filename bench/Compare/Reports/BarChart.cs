using System.Net;
using System.Text;
using Compare.Experiments;
using Compare.Peers;

namespace Compare.Reports;

/// <summary>Draws one cell as bars, in SVG: the median, and a line from the least to the greatest figure.</summary>
public static class BarChart
{
    private const int LabelWidth = 150;
    private const int BarWidth = 260;
    private const int RowHeight = 24;
    private const int BarHeight = 14;
    private const int Width = LabelWidth + BarWidth + 70;

    /// <summary>Draws a cell of an experiment.</summary>
    public static string Draw(Experiment experiment, int cell, Comparison comparison)
    {
        IReadOnlyList<Peer> peers = comparison.PeersOf(experiment);
        IReadOnlyList<double>[] values = [.. peers.Select(peer => comparison.Values(experiment, cell, peer.Key))];
        double scale = BarWidth / Math.Max(values.SelectMany(some => some).DefaultIfEmpty(1).Max(), double.Epsilon);
        int height = peers.Count * RowHeight;
        var svg = new StringBuilder();
        Append(svg, $"<svg viewBox='0 0 {Width} {height}' width='{Width}' height='{height}' role='img'>");
        for (int row = 0; row < peers.Count; row++)
        {
            int top = row * RowHeight + 4;
            Append(svg, $"<text x='{LabelWidth - 8}' y='{top + 12}' text-anchor='end'>{Text(peers[row].Title)}</text>");
            if (comparison.Median(experiment, cell, peers[row].Key) is { } median)
                AppendBar(svg, peers[row], top, values[row], median, scale);
        }

        return svg.Append("</svg>").ToString();
    }

    private static void AppendBar(
        StringBuilder svg, Peer peer, int top, IReadOnlyList<double> values, double median, double scale)
    {
        double length = Scaled(median);
        double end = LabelWidth + Math.Max(length, Scaled(values[^1]));
        string kind = peer.Key is Peer.Engine or "tideway" or "engine-inline" ? "ours" : "theirs";
        Append(svg, $"<rect class='{kind}' x='{LabelWidth}' y='{top}' width='{length:0.0}' height='{BarHeight}'/>");
        if (values.Count > 1)
        {
            double begin = LabelWidth + Scaled(values[0]);
            Append(svg, $"<path class='spread' d='M{begin:0.0} {top + BarHeight / 2}H{end:0.0}'/>");
        }

        Append(svg, $"<text x='{end + 6:0.0}' y='{top + 12}'>{ResultTable.Number(median)}</text>");

        double Scaled(double value) => Math.Max(0, value * scale);
    }

    private static void Append(StringBuilder svg, FormattableString element) =>
        svg.Append(FormattableString.Invariant(element));

    private static string Text(string text) => WebUtility.HtmlEncode(text);
}
