using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;

namespace Tideway.Observability;

/// <summary>Keeps what the instruments of one service measure, for whoever asks.</summary>
/// <remarks>
/// Instruments belong to a service by the scope of their meter, which is its meter factory. Meters without such a scope
/// are the process's: each of its services has them. Those of the platform are left out, unless they are named. Safe
/// from any thread.
/// </remarks>
internal sealed partial class MetricsCollector : IDisposable
{
    private static readonly string[] _platform = ["System.", "Microsoft."];

    private readonly ConcurrentDictionary<MetricSeries, bool> _series = new();
    private readonly Lock _collecting = new();
    private readonly MeterListener _listener = new();
    private readonly IMeterFactory _service;
    private readonly IReadOnlyList<string> _named;
    private readonly ILogger _logger;

    /// <summary>Begins to collect.</summary>
    /// <param name="service">The scope of the service's meters.</param>
    /// <param name="named">Meters of the platform to collect from, too; one that ends in <c>*</c> stands for all that
    /// begin so.</param>
    /// <param name="logger">Where instruments that fail are reported.</param>
    public MetricsCollector(IMeterFactory service, IReadOnlyList<string> named, ILogger logger)
    {
        (_service, _named, _logger) = (service, named, logger);
        _listener.InstrumentPublished = OnPublished;
        _listener.MeasurementsCompleted = OnCompleted;
        Listen<long>(value => new(value));
        Listen<int>(value => new((long)value));
        Listen<short>(value => new((long)value));
        Listen<byte>(value => new((long)value));
        Listen<double>(value => new(value));
        Listen<float>(value => new((double)value));
        Listen<decimal>(value => new((double)value));
        _listener.Start();
    }

    /// <summary>Asks all instruments, and tells what they have measured, sorted by path and labels.</summary>
    public IReadOnlyList<MetricSample> Collect()
    {
        lock (_collecting)
        {
            foreach (MetricSeries series in _series.Keys)
                if (series.IsObserved) series.Clear();
            try
            {
                _listener.RecordObservableInstruments();
            }
            catch (AggregateException exception)
            {
                // The others have been asked all the same.
                InstrumentsFailed(_logger, exception);
            }

            return Merge(_series.Keys.SelectMany(series => series.Read()));
        }
    }

    /// <summary>Lets what only grows begin at zero again, where it is counted here.</summary>
    public void Reset()
    {
        foreach (MetricSeries series in _series.Keys)
            if (!series.IsObserved && series.Kind != MetricKind.Gauge) series.Zero();
    }

    public void Dispose() => _listener.Dispose();

    /// <summary>Adds up what two instruments of one name measured under the same labels.</summary>
    private static MetricSample[] Merge(IEnumerable<MetricSample> samples)
    {
        var merged = new SortedDictionary<string, MetricSample>(StringComparer.Ordinal);
        foreach (MetricSample sample in samples)
        {
            string key = $"{sample.Path}\0{string.Join('\0', sample.Labels)}";
            merged[key] = merged.TryGetValue(key, out MetricSample? other) && other.Histogram is null
                ? other with { Value = other.Value + sample.Value }
                : sample;
        }

        return [.. merged.Values];
    }

    private void Listen<T>(Func<T, MetricNumber> numberOf)
        where T : struct => _listener.SetMeasurementEventCallback<T>(
            (_, value, tags, series) => ((MetricSeries)series!).Record(numberOf(value), tags));

    private void OnPublished(Instrument instrument, MeterListener listener)
    {
        if (!IsCollected(instrument.Meter)) return;
        var series = new MetricSeries(instrument);
        _series[series] = true;
        listener.EnableMeasurementEvents(instrument, series);
    }

    private void OnCompleted(Instrument instrument, object? series) => _series.TryRemove((MetricSeries)series!, out _);

    private bool IsCollected(Meter meter)
    {
        // The scope of another service is a factory of the same type.
        if (meter.Scope is { } scope && scope != _service && scope.GetType() == _service.GetType()) return false;
        return !_platform.Any(prefix => meter.Name.StartsWith(prefix, StringComparison.Ordinal))
            || _named.Any(name => name == meter.Name
                || (name.EndsWith('*') && meter.Name.StartsWith(name[..^1], StringComparison.Ordinal)));
    }

    [LoggerMessage(300, LogLevel.Error, "Some metrics cannot be told")]
    private static partial void InstrumentsFailed(ILogger logger, Exception exception);
}
