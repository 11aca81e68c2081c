using System.Net;
using System.Text;
using Tideway.Conformance.Cases;
using Tideway.Conformance.Subjects;

namespace Tideway.Conformance.Reports;

/// <summary>Writes a page that needs nothing else: the totals, every case, and what went over the wire where it
/// failed.</summary>
internal static class HtmlReport
{
    private const string Style = """
        :root { color-scheme: light dark; --bad: light-dark(#b71c1c, #ef9a9a); --grid: light-dark(#ddd, #444); }
        body { font: 16px/1.5 system-ui, sans-serif; max-width: 1100px; margin: 2rem auto; padding: 0 1rem; }
        h1 { font-size: 1.4rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
        table { border-collapse: collapse; } td, th { padding: .1rem 1rem .1rem 0; text-align: left; }
        tr { border-bottom: 1px solid var(--grid); vertical-align: top; }
        .result { white-space: nowrap; font-variant-numeric: tabular-nums; }
        .failed { color: var(--bad); font-weight: bold; } pre { white-space: pre-wrap; font-size: .8rem; }
        """;

    public static string Write(IReadOnlyList<CaseResult> results)
    {
        var page = new StringBuilder($"""
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>Tideway: conformance</title>
            <style>
            {Style}
            </style>
            </head>
            <body>
            <h1>Conformance to RFC 6455 and RFC 7692</h1>
            <table>
            <tr><th></th>{string.Concat(Subject.All.Select(subject => $"<th>{subject.Name}</th>"))}</tr>

            """);
        foreach (Category category in Catalog.Categories) AppendTotals(page, category, results);
        page.Append("</table>\n");
        ILookup<string, CaseResult> byCase = results.ToLookup(result => result.Case.Id);
        foreach (Category category in Catalog.Categories) AppendCases(page, category, byCase);
        return page.Append("</body>\n</html>\n").ToString();
    }

    private static void AppendTotals(StringBuilder page, Category category, IReadOnlyList<CaseResult> results)
    {
        CaseResult[] own = [.. results.Where(result => category.Cases.Contains(result.Case))];
        page.Append($"<tr><td><a href=\"#{category.Key}\">{Encode(category.Title)}</a></td>");
        foreach (Subject subject in Subject.All)
        {
            CaseResult[] here = [.. own.Where(result => result.Subject == subject)];
            int passed = here.Count(result => result.Passed);
            page.Append(Cell(passed == here.Length, here.Length == 0 ? "" : $"{passed}/{here.Length}"));
        }

        page.Append("</tr>\n");
    }

    private static void AppendCases(StringBuilder page, Category category, ILookup<string, CaseResult> results)
    {
        page.Append($"<h2 id=\"{category.Key}\">{Encode(category.Title)}</h2>\n<table>\n<tr><th>Case</th><th>§</th>")
            .Append("<th>What must hold</th>")
            .AppendJoin("", Subject.All.Select(subject => $"<th>{subject.Name}</th>")).Append("</tr>\n");
        foreach (Case item in category.Cases)
        {
            CaseResult[] own = [.. results[item.Id]];
            page.Append($"<tr><td class=\"result\">{item.Id}</td><td>{item.Section}</td><td>{Encode(item.Title)}");
            foreach (CaseResult result in own.Where(result => !result.Passed))
            {
                string failure = $"{result.Subject.Name}: {result.Failure}\n{result.Transcript}";
                page.Append($"<pre class=\"failed\">{Encode(failure)}</pre>");
            }

            page.Append("</td>");
            foreach (Subject subject in Subject.All)
            {
                CaseResult? result = own.FirstOrDefault(result => result.Subject == subject);
                page.Append(Cell(result?.Passed ?? true, result is null ? "" : result.Passed ? "passed" : "failed"));
            }

            page.Append("</tr>\n");
        }

        page.Append("</table>\n");
    }

    private static string Cell(bool good, string text) =>
        $"<td class=\"result{(good ? "" : " failed")}\">{text}</td>";

    private static string Encode(string text) => WebUtility.HtmlEncode(text);
}
