using System.Globalization;
using System.Text;

namespace Tideway.Observability;

/// <summary>Writes metrics in the text format of Prometheus, named as userver names them.</summary>
internal static class PrometheusWriter
{
    /// <summary>Writes metrics.</summary>
    /// <param name="samples">The metrics, those of a path together.</param>
    /// <param name="typesGauges">Whether the type of gauges is told; that of other kinds always is.</param>
    public static string Write(IEnumerable<MetricSample> samples, bool typesGauges)
    {
        var text = new StringBuilder();
        string? previous = null;
        foreach (MetricSample sample in samples)
        {
            string name = NameOf(sample.Path);
            if (name != previous && (typesGauges || sample.Kind != MetricKind.Gauge))
                text.Append("# TYPE ").Append(name).Append(' ').Append(TypeOf(sample.Kind)).Append('\n');
            previous = name;
            string labels = string.Join(
                ',', sample.Labels.Select(label => $"{LabelOf(label.Key)}=\"{ValueOf(label.Value)}\""));
            if (sample.Histogram is { } histogram) WriteHistogram(text, name, labels, histogram);
            else text.Append(name).Append('{').Append(labels).Append("} ").Append(NumberOf(sample.Value)).Append('\n');
        }

        return text.ToString();
    }

    private static void WriteHistogram(StringBuilder text, string name, string labels, MetricHistogram histogram)
    {
        string comma = labels.Length > 0 ? "," : "";
        long sum = 0;
        foreach ((double bound, long count) in histogram.Bounds.Zip(histogram.Buckets))
        {
            sum += count;
            text.Append(CultureInfo.InvariantCulture, $"{name}_bucket{{le=\"{bound:R}\"{comma}{labels}}} {sum}\n");
        }

        text.Append(
            CultureInfo.InvariantCulture, $"{name}_bucket{{le=\"+Inf\"{comma}{labels}}} {histogram.Count}\n");
        text.Append(CultureInfo.InvariantCulture, $"{name}_count{{{labels}}} {histogram.Count}\n");
    }

    private static string TypeOf(MetricKind kind) => kind switch
    {
        MetricKind.Gauge => "gauge",
        MetricKind.Rate => "counter",
        _ => "histogram",
    };

    private static string NumberOf(MetricNumber number) => number.Value switch
    {
        double.PositiveInfinity => "+Inf",
        double.NegativeInfinity => "-Inf",
        double.NaN => "NaN",
        _ => number.ToString(),
    };

    private static string NameOf(string path)
    {
        string name = Clean(path);
        return name.Length > 0 && char.IsAsciiLetter(name[0]) ? name : "_" + name;
    }

    private static string LabelOf(string name)
    {
        string clean = Clean(name);
        string trimmed = clean.TrimStart('_');
        return trimmed.Length == 0 ? "" : trimmed.Length < clean.Length ? "_" + trimmed : trimmed;
    }

    private static string ValueOf(string value) => value
        .Replace('"', '\'')
        .Replace("\\", "\\\\", StringComparison.Ordinal)
        .Replace("\n", "\\n", StringComparison.Ordinal);

    private static string Clean(string text) => string.Create(text.Length, text, static (clean, text) =>
    {
        for (int i = 0; i < text.Length; i++) clean[i] = char.IsAsciiLetterOrDigit(text[i]) ? text[i] : '_';
    });
}
