using System.Net;
using System.Text;
using Compare.Experiments;
using Compare.Peers;

namespace Compare.Reports;

/// <summary>Writes one page with plots and tables that needs nothing beside it.</summary>
public static class HtmlReport
{
    private const string Style = """
        :root { color-scheme: light dark; --ours: #0b7285; --theirs: #adb5bd; --line: #ced4da; }
        body { font: 15px/1.5 system-ui, sans-serif; max-width: 1100px; margin: 2rem auto; padding: 0 1rem; }
        h2 { margin-top: 3rem; border-top: 1px solid var(--line); padding-top: 1rem; }
        .plots { display: flex; flex-wrap: wrap; gap: 1rem 2rem; }
        figure { margin: 0; } figcaption { font-weight: 600; }
        svg { max-width: 100%; height: auto; } svg text { font: 12px system-ui, sans-serif; fill: currentColor; }
        .ours { fill: var(--ours); } .theirs { fill: var(--theirs); }
        .spread { stroke: currentColor; stroke-width: 1.5; }
        .scroll { overflow-x: auto; } table { border-collapse: collapse; margin: .5rem 0 1.5rem; }
        caption { text-align: left; font-weight: 600; padding: .3rem 0; }
        th, td { padding: .2rem .7rem; border-bottom: 1px solid var(--line); text-align: right; }
        th:first-child, td:first-child { text-align: left; } td { font-variant-numeric: tabular-nums; }
        .warning { color: #c92a2a; white-space: pre-wrap; }
        """;

    /// <summary>Writes the report as an HTML document.</summary>
    public static string Write(Report report)
    {
        var html = new StringBuilder();
        html.Append("<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\">")
            .Append("<meta name=\"viewport\" content=\"width=device-width\">")
            .Append("<title>Tideway benchmarks</title>\n<style>\n")
            .Append(Style).Append("\n</style>\n<h1>Tideway benchmarks</h1>\n<ul>\n");
        foreach ((string name, string value) in report.Facts())
            html.Append($"<li>{Text(name)}: {Text(value.Trim('`'))}</li>\n");
        foreach (Peer peer in report.Peers)
            html.Append($"<li><b>{Text(peer.Title)}</b> is {Text(peer.Description)}</li>\n");
        foreach (string warning in report.Warnings()) html.Append($"<li class=\"warning\">{Text(warning)}</li>\n");
        html.Append("</ul>\n");
        foreach (Experiment experiment in report.Experiments) Append(html, experiment, report.Comparison);
        return html.Append("</html>\n").ToString();
    }

    private static void Append(StringBuilder html, Experiment experiment, Comparison comparison)
    {
        html.Append($"<h2>{Text(experiment.Title)}</h2>\n<p>{Text(experiment.Method)}</p>\n")
            .Append($"<p>Plots: {Text(experiment.Unit)}, the median, and a line from the least to the greatest.</p>\n")
            .Append("<div class=\"plots\">\n");
        for (int cell = 0; cell < experiment.Cells.Count; cell++)
        {
            html.Append($"<figure><figcaption>{Text(experiment.Cells[cell])} ")
                .Append($"<small>{Text(experiment.CellTitle)}</small></figcaption>")
                .Append(BarChart.Draw(experiment, cell, comparison)).Append("</figure>\n");
        }

        html.Append("</div>\n");
        foreach (ResultTable table in ResultTable.For(experiment, comparison))
        {
            html.Append($"<div class=\"scroll\"><table><caption>{Text(table.Title)}</caption>\n<tr>");
            foreach (string cell in table.Head) html.Append($"<th>{Text(cell)}</th>");
            foreach (IReadOnlyList<string> row in table.Rows)
            {
                html.Append("</tr>\n<tr>");
                foreach (string cell in row) html.Append($"<td>{Text(cell)}</td>");
            }

            html.Append("</tr>\n</table></div>\n");
        }
    }

    private static string Text(string text) => WebUtility.HtmlEncode(text);
}
