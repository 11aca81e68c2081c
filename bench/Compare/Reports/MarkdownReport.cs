using System.Text;
using Compare.Experiments;
using Compare.Peers;

namespace Compare.Reports;

/// <summary>Writes the tables, and keeps them in a page between two marks.</summary>
public static class MarkdownReport
{
    private const string Begin = "<!-- results -->\n";
    private const string End = "<!-- end of results -->";

    /// <summary>Writes the report as Markdown, its headings at the second level.</summary>
    public static string Write(Report report)
    {
        var text = new StringBuilder();
        text.Append("## The run\n\n");
        foreach ((string name, string value) in report.Facts()) text.Append($"- {name}: {value}\n");
        foreach (Peer peer in report.Peers) text.Append($"- **{peer.Title}** is {peer.Description}\n");
        foreach (string warning in report.Warnings()) text.Append($"- ⚠ {warning.ReplaceLineEndings(" ")}\n");
        foreach (Experiment experiment in report.Experiments)
        {
            text.Append("\n## ").Append(experiment.Title).Append("\n\n").Append(experiment.Method).Append('\n');
            foreach (ResultTable table in ResultTable.For(experiment, report.Comparison)) Append(text, table);
        }

        return text.ToString();
    }

    /// <summary>Replaces what stands between the marks of a page.</summary>
    /// <exception cref="InvalidDataException">The page has no marks.</exception>
    public static void Replace(string path, string results)
    {
        string page = File.ReadAllText(path);
        int begin = page.IndexOf(Begin, StringComparison.Ordinal);
        int end = page.IndexOf(End, StringComparison.Ordinal);
        if (begin < 0 || end < begin)
            throw new InvalidDataException($"{path} has no '{Begin.Trim()}' and '{End}' to put the results between.");
        File.WriteAllText(path, page[..(begin + Begin.Length)] + results + page[end..]);
    }

    private static void Append(StringBuilder text, ResultTable table)
    {
        text.Append("\n**").Append(table.Title).Append("**\n\n");
        Append(text, table.Head);
        text.Append("|---").Insert(text.Length, "|--:", table.Head.Count - 1).Append("|\n");
        foreach (IReadOnlyList<string> row in table.Rows) Append(text, row);
    }

    private static void Append(StringBuilder text, IReadOnlyList<string> cells) =>
        text.Append("| ").AppendJoin(" | ", cells).Append(" |\n");
}
