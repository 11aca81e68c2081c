using System.Text.Json.Nodes;
using Tideway.WebSockets.Connections;

namespace Tideway.Load.Results;

/// <summary>What a run has found, and its forms for people and for programs. Immutable.</summary>
internal sealed class LoadResult(
    LoadOptions options,
    WorkResult work,
    double? serverCpuMicroseconds,
    long? residentBytesBefore,
    long? residentBytesAfter,
    IReadOnlyList<Sample> samples)
{
    public LoadOptions Options => options;

    public IReadOnlyList<Sample> Samples => samples;

    public Histogram Latency { get; } = Histogram.FromPairs(work.Latencies, work.MaxLatency);

    public IReadOnlyDictionary<string, long> Errors => work.Errors;

    public long ErrorCount => work.Errors.Values.Sum();

    private double PerSecond => work.Seconds > 0 ? work.Operations / work.Seconds : 0;

    private string? CompressionName =>
        options.Compression == MessageCompression.Off ? null : options.Compression.ToString().ToLowerInvariant();

    private long? ResidentBytesPerConnection =>
        work.Connections > 0 ? (residentBytesAfter - residentBytesBefore) / work.Connections : null;

    /// <summary>Writes the result for programs. The names are a contract; new ones may be added.</summary>
    public JsonObject ToJson()
    {
        var json = new JsonObject { ["workload"] = options.Workload, ["url"] = options.Target };
        switch (options.Workload)
        {
            case "echo":
                json["connections"] = work.Connections;
                json["depth"] = options.Rate is null ? options.Depth : null;
                json["rate"] = options.Rate;
                json["payload"] = options.PayloadBytes;
                json["kind"] = options.IsText ? "text" : "binary";
                json["compression"] = CompressionName;
                json["seconds"] = Round(work.Seconds);
                json["messages"] = work.Operations;
                json["messagesPerSecond"] = Round(PerSecond);
                json["serverCpuMicrosecondsPerMessage"] = PerOperation(serverCpuMicroseconds);
                json["clientCpuMicrosecondsPerMessage"] = PerOperation(work.CpuMicroseconds);
                json["latencyMicroseconds"] = LatencyJson();
                break;
            case "connect":
                json["concurrency"] = options.Concurrency;
                json["seconds"] = Round(work.Seconds);
                json["handshakes"] = work.Operations;
                json["handshakesPerSecond"] = Round(PerSecond);
                json["serverCpuMicrosecondsPerHandshake"] = PerOperation(serverCpuMicroseconds);
                json["clientCpuMicrosecondsPerHandshake"] = PerOperation(work.CpuMicroseconds);
                json["latencyMicroseconds"] = LatencyJson();
                break;
            default:
                json["connections"] = work.Connections;
                json["seconds"] = Round(work.Seconds);
                json["residentBytesBefore"] = residentBytesBefore;
                json["residentBytesAfter"] = residentBytesAfter;
                json["residentBytesPerConnection"] = ResidentBytesPerConnection;
                break;
        }

        json["threads"] = options.Threads;
        json["processes"] = options.Processes;
        json["samples"] = new JsonArray(
            [.. samples.Select(sample => new JsonArray(Round(sample.Seconds), Round(sample.PerSecond)))]);
        json["errors"] = ErrorCount;
        json["errorTexts"] = new JsonObject(
            work.Errors.Select(error => KeyValuePair.Create(error.Key, (JsonNode?)error.Value)));
        return json;
    }

    /// <summary>Reads as one line for people.</summary>
    public override string ToString() =>
        $"{options.Workload} {options.Target}: "
            + string.Join(", ", Facts().Select(fact => $"{fact.Name} {fact.Value}"));

    /// <summary>Lists what was found, for people.</summary>
    public IEnumerable<(string Name, string Value)> Facts()
    {
        IEnumerable<(string Name, string? Value)> facts = options.Workload switch
        {
            "echo" =>
            [
                ("connections", $"{work.Connections}"),
                ("payload", $"{options.PayloadBytes} B {(options.IsText ? "text" : "binary")}"),
                ("compression", CompressionName),
                options.Rate is { } rate ? ("rate", Text($"{rate:N0}/s")) : ("depth", $"{options.Depth}"),
                .. LoadFacts(),
            ],
            "connect" => [("concurrency", $"{options.Concurrency}"), .. LoadFacts()],
            _ =>
            [
                ("connections", $"{work.Connections}"),
                ("resident before", Bytes(residentBytesBefore)),
                ("after", Bytes(residentBytesAfter)),
                ("each", Bytes(ResidentBytesPerConnection)),
            ],
        };
        foreach ((string name, string? value) in facts)
            if (value is not null) yield return (name, value);
        yield return ("errors", $"{ErrorCount}");
    }

    private IEnumerable<(string Name, string? Value)> LoadFacts() =>
    [
        (options.Operations, Text($"{PerSecond:N0}/s")),
        .. Percentiles().Where(_ => Latency.Count > 0)
            .Select(found => (found.Name, (string?)Text($"{found.Microseconds:N0} us"))),
        ("server CPU", Each(serverCpuMicroseconds)),
        ("client CPU", Each(work.CpuMicroseconds)),
    ];

    private string? Each(double? total) => PerOperation(total) is { } each ? Text($"{each} us each") : null;

    private JsonObject? LatencyJson() => Latency.Count == 0
        ? null
        : new(Percentiles().Select(found => KeyValuePair.Create(found.Name, (JsonNode?)Round(found.Microseconds))));

    private IEnumerable<(string Name, double Microseconds)> Percentiles() =>
    [
        ("p50", Latency.ValueAt(0.5) / 1000),
        ("p90", Latency.ValueAt(0.9) / 1000),
        ("p99", Latency.ValueAt(0.99) / 1000),
        ("p999", Latency.ValueAt(0.999) / 1000),
        ("max", Latency.Max / 1000.0),
    ];

    private double? PerOperation(double? total) =>
        work.Operations > 0 && total is { } all ? Round(all / work.Operations) : null;

    private static string? Bytes(long? bytes) => bytes is null ? null : Text($"{bytes:N0} B");

    private static double Round(double value) => Math.Round(value, 3);

    private static string Text(FormattableString text) => FormattableString.Invariant(text);
}
