using System.Globalization;
using System.Net;
using System.Text;

namespace Tideway.Load.Results;

/// <summary>Writes a result as a page that needs nothing else: a table and two plots.</summary>
internal static class HtmlReport
{
    private const string Style = """
        :root { color-scheme: light dark; --line: light-dark(#1565c0, #64b5f6); --grid: light-dark(#ddd, #444); }
        body { font: 16px/1.5 system-ui, sans-serif; max-width: 760px; margin: 2rem auto; padding: 0 1rem; }
        h1 { font-size: 1.4rem; overflow-wrap: anywhere; } h2 { font-size: 1.1rem; margin-top: 2rem; }
        h2::first-letter { text-transform: uppercase; }
        td { padding: .1rem 1.5rem .1rem 0; } td:last-child { font-variant-numeric: tabular-nums; }
        svg { width: 100%; height: auto; } svg text { font-size: 12px; fill: currentColor; }
        .grid { stroke: var(--grid); } .line { stroke: var(--line); fill: none; stroke-width: 2; }
        """;

    public static string Write(LoadResult result)
    {
        string title = WebUtility.HtmlEncode($"{result.Options.Workload} {result.Options.Target}");
        var page = new StringBuilder($"""
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>{title}</title>
            <style>
            {Style}
            </style>
            </head>
            <body>
            <h1>{title}</h1>
            <table>

            """);
        foreach ((string name, string value) in result.Facts()) AppendRow(page, name, value);
        foreach ((string text, long count) in result.Errors) AppendRow(page, text, $"{count}");
        page.Append("</table>\n");

        if (result.Latency.Count > 0)
            page.Append("<h2>Latency by percentile, in microseconds</h2>\n").Append(LatencyPlot(result.Latency));
        if (result.Options.Workload != "idle")
        {
            page.Append($"<h2>{result.Options.Operations} a second, over seconds</h2>\n")
                .Append(ThroughputPlot(result.Samples));
        }

        return page.Append("</body>\n</html>\n").ToString();
    }

    private static void AppendRow(StringBuilder page, string name, string value) =>
        page.Append($"<tr><td>{WebUtility.HtmlEncode(name)}</td><td>{WebUtility.HtmlEncode(value)}</td></tr>\n");

    /// <summary>Each step to the right is one nine more.</summary>
    private static string LatencyPlot(Histogram latency)
    {
        double nines = Math.Clamp(Math.Log10(latency.Count), 1, 6);
        var plot = new SvgPlot(nines, latency.Max / 1000.0);
        for (int i = 0; i <= (int)nines; i++) plot.MarkX(i, i == 0 ? "0 %" : Percent(1 - Math.Pow(10, -i)));
        plot.MarkX(-Math.Log10(0.5), "50 %");
        return plot.Draw(Enumerable.Range(0, 201)
            .Select(i => nines * i / 200)
            .Select(x => (x, latency.ValueAt(1 - Math.Pow(10, -x)) / 1000)));
    }

    private static string ThroughputPlot(IReadOnlyList<Sample> samples)
    {
        if (samples.Count == 0) return "";
        var plot = new SvgPlot(samples[^1].Seconds, samples.Max(sample => sample.PerSecond));
        for (int i = 0; i <= 5; i++)
        {
            double seconds = samples[^1].Seconds * i / 5;
            plot.MarkX(seconds, seconds.ToString("0.#", CultureInfo.InvariantCulture));
        }

        return plot.Draw(samples.Select(sample => (sample.Seconds, sample.PerSecond)));
    }

    private static string Percent(double share) =>
        (100 * share).ToString("0.####", CultureInfo.InvariantCulture) + " %";
}
