using System.Globalization;
using System.Text.Json.Nodes;

namespace Tideway.Observability;

/// <summary>Finds metrics that some monitoring systems would not take.</summary>
internal static class MetricPortability
{
    private const int MostLabels = 9;
    private const int LongestLabelName = 31;
    private const int LongestValue = 200;
    private const int MostBuckets = 50;

    /// <summary>Names that a monitoring system has for itself.</summary>
    public static IReadOnlyList<string> ReservedLabels { get; } =
        ["project", "cluster", "service", "host", "group", "sensor"];

    /// <summary>Lists what is wrong, by the kind of mistake.</summary>
    /// <param name="samples">The metrics.</param>
    /// <param name="prefix">What the paths of interest begin with.</param>
    public static JsonObject Check(IEnumerable<MetricSample> samples, string prefix)
    {
        var found = new JsonObject();
        var names = new Dictionary<string, string>();
        foreach (MetricSample sample in samples)
        {
            if (!sample.Path.StartsWith(prefix, StringComparison.Ordinal)) continue;
            foreach ((string code, string message) in Check(sample)) Add(sample, code, message);
            string labels = string.Join(", ", sample.Labels.Select(label => label.Key));
            if (names.TryAdd(sample.Path, labels) || names[sample.Path] == labels) continue;
            Add(sample, "label_name_mismatch", $"the labels are '{labels}', those of others '{names[sample.Path]}'");
        }

        return found;

        void Add(MetricSample sample, string code, string message)
        {
            if (found[code] is not JsonArray list) found[code] = list = [];
            list.Add(new JsonObject
            {
                ["error_message"] = message,
                ["path"] = sample.Path,
                ["labels"] = new JsonObject(
                    sample.Labels.Select(label => KeyValuePair.Create<string, JsonNode?>(label.Key, label.Value))),
            });
        }
    }

    private static IEnumerable<(string Code, string Message)> Check(MetricSample sample)
    {
        if (double.IsInfinity(sample.Value.Value)) yield return ("inf", "the value is infinite");
        if (double.IsNaN(sample.Value.Value)) yield return ("nan", "the value is no number");
        if (sample.Histogram?.Bounds.Count > MostBuckets)
            yield return ("histogram_buckets_count", TooMany("buckets", sample.Histogram.Bounds.Count, MostBuckets));
        if (sample.Labels.Count > MostLabels)
            yield return ("labels_count", TooMany("labels", sample.Labels.Count, MostLabels));
        if (sample.Path.Length > LongestValue)
            yield return ("path_length", TooMany("characters of the path", sample.Path.Length, LongestValue));
        foreach ((string name, string value) in sample.Labels)
        {
            if (ReservedLabels.Contains(name))
                yield return ($"label_reserved_{name}", $"the label name '{name}' is reserved");
            if (name.Length > LongestLabelName)
                yield return ("label_name_length", TooMany($"characters of '{name}'", name.Length, LongestLabelName));
            if (value.Length > LongestValue)
                yield return ("label_value_length", TooMany($"characters of '{value}'", value.Length, LongestValue));
        }
    }

    private static string TooMany(string what, int count, int most) =>
        string.Create(CultureInfo.InvariantCulture, $"{count} {what}, expected at most {most}");
}
