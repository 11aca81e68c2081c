using System.Text;
using Tideway.Conformance.Cases;
using Tideway.Conformance.Subjects;

namespace Tideway.Conformance.Reports;

/// <summary>Writes passed and all cases by category and end under test, as plain text.</summary>
internal static class TableReport
{
    public static string Write(IReadOnlyList<CaseResult> results)
    {
        var text = new StringBuilder($"{"",-28}");
        foreach (Subject subject in Subject.All) text.Append($"{subject.Name,20}");
        text.Append('\n');
        foreach (Category category in Catalog.Categories)
            AppendRow(text, category.Title, [.. results.Where(result => category.Cases.Contains(result.Case))]);
        AppendRow(text, "Total", results);
        return text.ToString();
    }

    private static void AppendRow(StringBuilder text, string title, IReadOnlyList<CaseResult> results)
    {
        text.Append($"{title,-28}");
        foreach (Subject subject in Subject.All)
        {
            CaseResult[] own = [.. results.Where(result => result.Subject == subject)];
            text.Append($"{own.Count(result => result.Passed) + "/" + own.Length,20}");
        }

        text.Append('\n');
    }
}
