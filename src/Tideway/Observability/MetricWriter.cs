using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Tideway.Observability;

/// <summary>Writes metrics in the formats of monitoring systems.</summary>
internal static class MetricWriter
{
    /// <summary>Writes metrics.</summary>
    /// <param name="samples">The metrics, those of a path together.</param>
    /// <param name="format">How.</param>
    /// <param name="commonLabels">Labels that all of them have.</param>
    /// <param name="now">The time.</param>
    public static string Write(
        IEnumerable<MetricSample> samples,
        MetricFormat format,
        IReadOnlyDictionary<string, string> commonLabels,
        DateTimeOffset now) => format switch
        {
            MetricFormat.Solomon => SolomonWriter.Write(samples, commonLabels),
            MetricFormat.Json => Json(samples.Select(sample => sample.With(commonLabels))),
            MetricFormat.Pretty => Pretty(samples.Select(sample => sample.With(commonLabels))),
            MetricFormat.Graphite => Graphite(samples.Select(sample => sample.With(commonLabels)), now),
            _ => PrometheusWriter.Write(
                samples.Select(sample => sample.With(commonLabels)), typesGauges: format == MetricFormat.Prometheus),
        };

    /// <summary>Writes a document of JSON.</summary>
    public static string ToJson(Action<Utf8JsonWriter> write)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer)) write(json);
        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    /// <summary>Writes a histogram as JSON.</summary>
    public static void WriteHistogram(Utf8JsonWriter json, MetricHistogram histogram)
    {
        json.WriteStartObject();
        json.WriteStartArray("bounds");
        foreach (double bound in histogram.Bounds) json.WriteNumberValue(bound);
        json.WriteEndArray();
        json.WriteStartArray("buckets");
        foreach (long count in histogram.Buckets) json.WriteNumberValue(count);
        json.WriteEndArray();
        json.WriteNumber("inf", histogram.Beyond);
        json.WriteEndObject();
    }

    private static string Json(IEnumerable<MetricSample> samples) => ToJson(json =>
    {
        json.WriteStartObject();
        foreach (IGrouping<string, MetricSample> path in samples.Where(s => s.IsFinite).GroupBy(s => s.Path))
        {
            json.WriteStartArray(path.Key);
            foreach (MetricSample sample in path)
            {
                json.WriteStartObject();
                json.WritePropertyName("value");
                if (sample.Histogram is { } histogram) WriteHistogram(json, histogram);
                else json.WriteRawValue(sample.Value.ToString());
                json.WriteStartObject("labels");
                foreach ((string name, string value) in sample.Labels) json.WriteString(name, value);
                json.WriteEndObject();
                json.WriteString("type", sample.KindName);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
    });

    private static string Pretty(IEnumerable<MetricSample> samples)
    {
        var text = new StringBuilder();
        foreach (MetricSample sample in samples)
        {
            string labels =
                string.Join(", ", sample.Labels.Select(label => $"{label.Key}={OnOneLine(label.Value)}"));
            text.Append(sample.Path).Append(':').Append(labels.Length > 0 ? " " : "").Append(labels)
                .Append('\t').Append(sample.KindName).Append('\t');
            if (sample.Histogram is { } histogram)
            {
                foreach ((double bound, long count) in histogram.Bounds.Zip(histogram.Buckets))
                    text.Append(CultureInfo.InvariantCulture, $"[{bound:R}]={count},");
                text.Append(CultureInfo.InvariantCulture, $"[inf]={histogram.Beyond}\n");
            }
            else
            {
                text.Append(sample.Value.ToString()).Append('\n');
            }
        }

        return text.ToString();
    }

    private static string Graphite(IEnumerable<MetricSample> samples, DateTimeOffset now)
    {
        var text = new StringBuilder();
        long time = now.ToUnixTimeSeconds();
        foreach (MetricSample sample in samples)
        {
            string path = Clean(sample.Path);
            string labels = string.Concat(sample.Labels.Select(label => $";{Clean(label.Key)}={Clean(label.Value)}"));
            if (sample.Histogram is not { } histogram)
            {
                Line(path, labels, sample.Value.ToString());
                continue;
            }

            foreach ((double bound, long count) in histogram.Bounds.Zip(histogram.Buckets))
                Line(path, string.Create(CultureInfo.InvariantCulture, $"{labels};le={bound:R}"), $"{count}");
            Line(path, labels + ";le=inf", $"{histogram.Beyond}");
        }

        return text.ToString();

        void Line(string path, string labels, string value) =>
            text.Append(CultureInfo.InvariantCulture, $"{path}{labels} {value} {time}\n");
    }

    private static string OnOneLine(string text) => text
        .Replace("\n", "\\n", StringComparison.Ordinal)
        .Replace("\r", "\\r", StringComparison.Ordinal)
        .Replace("\t", "\\t", StringComparison.Ordinal);

    private static string Clean(string text) => string.Create(text.Length, text, static (clean, text) =>
    {
        for (int i = 0; i < text.Length; i++)
            clean[i] = char.IsAsciiLetterOrDigit(text[i]) || text[i] is '.' or '_' or '-' ? text[i] : '_';
    });
}
