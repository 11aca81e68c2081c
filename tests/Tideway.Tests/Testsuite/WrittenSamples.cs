using Tideway.Observability;

namespace Tideway.Tests.Testsuite;

/// <summary>Some metrics, written in a format.</summary>
internal static class WrittenSamples
{
    private static readonly MetricSample[] _samples =
    [
        new("chat.times", [new("room", "a")], MetricKind.Histogram, default, new MetricHistogram([1, 2], [1, 0], 1)),
        new("chat.visits", [], MetricKind.Rate, new MetricNumber(1L)),
        new("chat.visits", [new(".room", "o\"k")], MetricKind.Rate, new MetricNumber(3L)),
        new("7th", [], MetricKind.Gauge, new MetricNumber(1.5)),
    ];

    public static string As(MetricFormat format, Dictionary<string, string> commonLabels) => MetricWriter.Write(
        _samples, format, commonLabels, new DateTimeOffset(2026, 1, 31, 12, 0, 0, TimeSpan.Zero));
}
