using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Tideway.DynamicConfig;

/// <summary>What is counted of the dynamic config, and its instruments on the meter <c>Tideway</c>.</summary>
/// <remarks>Safe for any thread.</remarks>
internal sealed class DynamicConfigMetrics : IDisposable
{
    private readonly Meter _meter;
    private readonly ConcurrentDictionary<string, long> _refusals = [];
    private readonly long[] _updates = new long[Enum.GetValues<UpdateOutcome>().Length];
    private readonly TimeProvider _timeProvider;
    private long _lastGood;
    private long _failedSaves;
    private volatile int _unknownNames;
    private volatile bool _isGood = true;
    private volatile bool _isAlert;

    /// <summary>Makes the instruments.</summary>
    /// <param name="source">What is told to subscribers.</param>
    /// <param name="timeProvider">The clock.</param>
    /// <param name="hasUpdates">Whether values come from somewhere while the service runs.</param>
    /// <param name="meters">The scope of the meter; null for none.</param>
    public DynamicConfigMetrics(
        DynamicConfigSource source, TimeProvider timeProvider, bool hasUpdates, IMeterFactory? meters = null)
    {
        _meter = new Meter(new MeterOptions("Tideway") { Scope = meters });
        _timeProvider = timeProvider;
        _lastGood = timeProvider.GetTimestamp();
        _meter.CreateObservableUpDownCounter(
            "tideway.dynamic_config.last_parse_successful",
            () => _isGood ? 1L : 0L,
            "{boolean}",
            "1 if the last values that came were taken, 0 if they were refused");
        _meter.CreateObservableCounter(
            "tideway.dynamic_config.parse_errors",
            () => Updates(UpdateOutcome.Refused),
            "{update}",
            "Updates refused because a value is wrong");
        _meter.CreateObservableCounter(
            "tideway.dynamic_config.updates",
            () => Enum.GetValues<UpdateOutcome>().Select(outcome => new Measurement<long>(
                Updates(outcome), new KeyValuePair<string, object?>("outcome", NameOf(outcome)))),
            "{update}",
            "Updates by outcome: changed, unchanged, refused, or failed: nothing came");
        _meter.CreateObservableCounter(
            "tideway.dynamic_config.values.refused",
            () => _refusals.Select(pair => new Measurement<long>(
                pair.Value, new KeyValuePair<string, object?>("variable", pair.Key))),
            "{value}",
            "Values refused, by variable");
        _meter.CreateObservableUpDownCounter(
            "tideway.dynamic_config.unknown_names",
            () => (long)_unknownNames,
            "{name}",
            "Names in the current values that the service does not know");
        _meter.CreateObservableCounter(
            "tideway.dynamic_config.subscribers.failed",
            () => source.FailedCallbacks,
            "{call}",
            "Calls of subscribers that ended with an exception");
        _meter.CreateObservableCounter(
            "tideway.dynamic_config.saves.failed",
            () => Interlocked.Read(ref _failedSaves),
            "{time}",
            "Times the cache file could not be written");
        _meter.CreateObservableUpDownCounter(
            "tideway.dynamic_config.alert",
            () => _isAlert ? 1L : 0L,
            "{boolean}",
            "1 while updates have failed in a row as often as alert-on-failing-to-update-times says, 0 otherwise");
        _meter.CreateObservableUpDownCounter(
            "tideway.dynamic_config.age",
            () => hasUpdates ? [new Measurement<long>((long)Age.TotalSeconds)] : Array.Empty<Measurement<long>>(),
            "s",
            "Time since values were last brought and taken, changed or not");
    }

    /// <summary>How long ago values were last brought and taken.</summary>
    public TimeSpan Age => _timeProvider.GetElapsedTime(Interlocked.Read(ref _lastGood));

    /// <summary>An update was brought, or was not.</summary>
    public void Count(UpdateOutcome outcome)
    {
        Interlocked.Increment(ref _updates[(int)outcome]);
        if (outcome != UpdateOutcome.Failed) _isGood = outcome != UpdateOutcome.Refused;
        if (outcome is UpdateOutcome.Changed or UpdateOutcome.Unchanged)
            Interlocked.Exchange(ref _lastGood, _timeProvider.GetTimestamp());
    }

    /// <summary>A value of a known variable was refused.</summary>
    public void Refuse(string variable) => _refusals.AddOrUpdate(variable, 1, (_, count) => count + 1);

    /// <summary>The cache file could not be written.</summary>
    public void FailSave() => Interlocked.Increment(ref _failedSaves);

    /// <summary>Updates have failed too often in a row, or do so no longer.</summary>
    public void SetAlert(bool isAlert) => _isAlert = isAlert;

    /// <summary>So many names of the current values are unknown.</summary>
    public void SetUnknownNames(int count) => _unknownNames = count;

    public void Dispose() => _meter.Dispose();

    private static string NameOf(UpdateOutcome outcome) => outcome switch
    {
        UpdateOutcome.Changed => "changed",
        UpdateOutcome.Unchanged => "unchanged",
        UpdateOutcome.Refused => "refused",
        _ => "failed",
    };

    private long Updates(UpdateOutcome outcome) => Interlocked.Read(ref _updates[(int)outcome]);
}
