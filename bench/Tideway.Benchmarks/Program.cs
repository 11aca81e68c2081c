using System.Text;
using BenchmarkDotNet.Exporters;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;

// The arguments are BenchmarkDotNet's; `--filter '*'` runs everything.
IEnumerable<Summary> summaries = BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);

// A page to put the tables in, between two marks.
const string Begin = "<!-- micro -->\n";
const string End = "<!-- end of micro -->";
if (Environment.GetEnvironmentVariable("TIDEWAY_BENCH_DOCS") is { Length: > 0 } path)
{
    string page = File.ReadAllText(path);
    int begin = page.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length;
    int end = page.IndexOf(End, StringComparison.Ordinal);
    File.WriteAllText(path, page[..begin] + Tables([.. summaries]) + page[end..]);
}

// The exporter tells before each table what ran where; once is enough.
static string Tables(Summary[] summaries)
{
    var text = new StringBuilder();
    foreach (Summary summary in summaries)
    {
        var exported = new AccumulationLogger();
        MarkdownExporter.GitHub.ExportToLog(summary, exported);
        string plain = exported.GetLog().Replace("**", "", StringComparison.Ordinal);
        string[] lines = [.. plain.ReplaceLineEndings("\n").Split('\n').Select(line => line.TrimEnd())];
        IEnumerable<string> facts = lines.Where(line => line.Length > 0 && line[0] is not ('`' or '|'));
        if (summary == summaries[0]) text.Append("```\n").AppendJoin('\n', facts).Append("\n```\n");

        string name = summary.BenchmarksCases[0].Descriptor.Type.Name;
        text.Append($"\n### {name.Replace("Benchmarks", "", StringComparison.Ordinal)}\n\n")
            .AppendJoin('\n', lines.Where(line => line.StartsWith('|'))).Append('\n');
    }

    return text.ToString();
}
