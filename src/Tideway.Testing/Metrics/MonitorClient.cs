using System.Globalization;
using System.Text.Json.Nodes;
using Tideway.Testing.Hosting;

namespace Tideway.Testing.Metrics;

/// <summary>The monitor listener of the service: its metrics, and its monitor handlers.</summary>
/// <remarks>Safe from any thread.</remarks>
public sealed class MonitorClient
{
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(10);
    private readonly string? _path;
    private readonly Action _touch;

    internal MonitorClient(HttpClient http, string? path, Action touch) => (Http, _path, _touch) = (http, path, touch);

    /// <summary>Asks monitor handlers.</summary>
    public HttpClient Http { get; }

    /// <summary>Whether the service tells its metrics.</summary>
    internal bool IsThere => _path is not null;

    /// <summary>Reads the metrics.</summary>
    /// <param name="prefix">What their names begin with; empty for all.</param>
    public async Task<MetricSnapshot> ReadAsync(string prefix = "")
    {
        _touch();
        if (_path is null)
        {
            throw new InvalidOperationException(
                $"The service has no component '{TestConfig.MonitorName}', which tells metrics.");
        }

        string json = await Http.GetStringAsync($"{_path}?format=json&prefix={Uri.EscapeDataString(prefix)}");
        return new MetricSnapshot(
            from path in JsonNode.Parse(json)!.AsObject()
            from value in path.Value!.AsArray()
            where value!["value"] is JsonValue
            select new Metric(path.Key, LabelsOf(value!["labels"]), NumberOf(value["value"]!)));
    }

    /// <summary>Reads one metric: the sum of all that have these labels, among others.</summary>
    /// <param name="path">The name.</param>
    /// <param name="labels">The labels.</param>
    /// <exception cref="KeyNotFoundException">There is no such metric.</exception>
    public async Task<double> ValueAsync(string path, params (string Name, string Value)[] labels)
    {
        MetricSnapshot found = await ReadAsync(path);
        if (found.Metrics.Count == 0) found = await ReadAsync(); // So that the failure names what there is.
        return found[path, labels];
    }

    /// <summary>Waits until a metric has a value. It need not be there yet.</summary>
    /// <param name="path">The name.</param>
    /// <param name="value">The value.</param>
    /// <param name="labels">The labels.</param>
    /// <exception cref="TimeoutException">It has not got it within a minute.</exception>
    public async Task WaitAsync(string path, double value, params (string Name, string Value)[] labels)
    {
        using var timeout = new CancellationTokenSource(_patience);
        while (true)
        {
            string state;
            try
            {
                double now = await ValueAsync(path, labels);
                if (now == value) return;
                state = $"It is {now}.";
            }
            catch (KeyNotFoundException exception)
            {
                state = exception.Message;
            }

            if (timeout.IsCancellationRequested)
                throw new TimeoutException($"{path} has not become {value} within a minute. {state}");
            await Task.Delay(_pause);
        }
    }

    /// <summary>Tells what has changed while something happens.</summary>
    /// <param name="block">What happens.</param>
    /// <param name="prefix">What the names of the metrics begin with; empty for all.</param>
    /// <returns>The differences.</returns>
    public async Task<MetricSnapshot> DiffAsync(Func<Task> block, string prefix = "")
    {
        ArgumentNullException.ThrowIfNull(block);
        MetricSnapshot before = await ReadAsync(prefix);
        await block();
        return (await ReadAsync(prefix)).Since(before);
    }

    private static Dictionary<string, string> LabelsOf(JsonNode? labels) =>
        labels?.AsObject().ToDictionary(label => label.Key, label => label.Value?.ToString() ?? "") ?? [];

    private static double NumberOf(JsonNode value) => double.Parse(value.ToJsonString(), CultureInfo.InvariantCulture);
}
