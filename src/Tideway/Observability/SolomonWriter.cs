using System.Text.Json;

namespace Tideway.Observability;

/// <summary>Writes metrics as the JSON of Solomon, cut to what it takes.</summary>
internal static class SolomonWriter
{
    private const string Sensor = "sensor";
    private const int MostLabels = 9;
    private const int LongestName = 31;
    private const int LongestValue = 200;

    /// <summary>Writes metrics.</summary>
    public static string Write(IEnumerable<MetricSample> samples, IReadOnlyDictionary<string, string> commonLabels) =>
        MetricWriter.ToJson(json =>
        {
            json.WriteStartObject();
            json.WriteStartObject("commonLabels");
            foreach ((string name, string value) in commonLabels) json.WriteString(name, value);
            json.WriteEndObject();
            json.WriteStartArray("metrics");
            foreach (MetricSample sample in samples.Where(sample => sample.IsFinite))
            {
                json.WriteStartObject();
                json.WriteStartObject("labels");
                json.WriteString(Sensor, Cut(sample.Path, LongestValue));
                IEnumerable<KeyValuePair<string, string>> labels = sample.Labels
                    .Where(label => !MetricPortability.ReservedLabels.Contains(label.Key))
                    .Take(MostLabels - 1);
                foreach ((string name, string value) in labels)
                    json.WriteString(Cut(name, LongestName), Cut(value, LongestValue));
                json.WriteEndObject();
                WriteValue(json, sample);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        });

    private static void WriteValue(Utf8JsonWriter json, MetricSample sample)
    {
        json.WritePropertyName(sample.Histogram is null ? "value" : "hist");
        if (sample.Histogram is { } histogram) MetricWriter.WriteHistogram(json, histogram);
        else json.WriteRawValue(sample.Value.ToString());
        if (sample.Kind != MetricKind.Gauge) json.WriteString("type", sample.KindName);
    }

    private static string Cut(string text, int length) => text.Length <= length ? text : text[..length];
}
