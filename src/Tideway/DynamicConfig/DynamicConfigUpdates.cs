using Microsoft.Extensions.Logging;
using Tideway.Configuration;

namespace Tideway.DynamicConfig;

/// <summary>Takes updates, all or nothing: makes a snapshot of what is brought, and publishes it.</summary>
/// <remarks>Safe for any thread: one update is taken at a time.</remarks>
/// <param name="keys">The variables.</param>
/// <param name="defaults">Values in place of the code's defaults, where an update has none.</param>
/// <param name="source">Where snapshots are published.</param>
/// <param name="metrics">What is counted.</param>
/// <param name="cache">Where good values are kept; null for nowhere.</param>
/// <param name="logger">Where updates are reported.</param>
internal sealed partial class DynamicConfigUpdates(
    DynamicConfigKeys keys,
    IReadOnlyDictionary<string, ConfigNode> defaults,
    DynamicConfigSource source,
    DynamicConfigMetrics metrics,
    DynamicConfigCache? cache,
    ILogger logger)
{
    private const int LongestReport = 1000;

    private readonly Lock _lock = new();
    private string _reported = "";
    private string _unknown = "";
    private string? _unsaved;

    /// <summary>The names of the variables.</summary>
    public IEnumerable<string> Names => keys.Names;

    /// <summary>Publishes the defaults.</summary>
    /// <exception cref="ConfigException">They are wrong.</exception>
    public void ApplyDefaults()
    {
        lock (_lock)
        {
            var problems = new List<ConfigProblem>();
            DynamicConfigSnapshot snapshot = Bind(new Dictionary<string, ConfigNode>(), problems, []);
            ConfigException.ThrowIfAny(problems);
            source.Publish(snapshot);
            ReportUnknown("the defaults", defaults.Keys);
        }
    }

    /// <summary>Takes values, if all of them are right.</summary>
    /// <param name="origin">Where they come from, for reports.</param>
    /// <param name="values">The values by name; a variable that is missing has its default.</param>
    /// <param name="problem">Why they were refused.</param>
    /// <param name="isFromCache">Whether they are what the cache has.</param>
    public UpdateOutcome Apply(
        string origin,
        IReadOnlyDictionary<string, ConfigNode> values,
        out string? problem,
        bool isFromCache = false)
    {
        lock (_lock)
        {
            var problems = new List<ConfigProblem>();
            var wrong = new List<string>();
            DynamicConfigSnapshot previous = source.Current;
            DynamicConfigSnapshot snapshot = Bind(values, problems, wrong);
            if (problems.Count > 0)
            {
                foreach (string name in wrong) metrics.Refuse(name);
                problem = Refuse(origin, problems);
                return UpdateOutcome.Refused;
            }

            problem = null;
            _reported = "";
            UpdateOutcome outcome =
                keys.All.All(key => snapshot.IsSame(previous, key)) ? UpdateOutcome.Unchanged : UpdateOutcome.Changed;
            metrics.Count(outcome);
            ReportUnknown(origin, values.Keys);
            if (outcome == UpdateOutcome.Changed)
            {
                source.Publish(snapshot);
                ReportChanges(origin, previous, snapshot); // Once it is true.
            }

            if (!isFromCache) Save(values);
            return outcome;
        }
    }

    /// <summary>Refuses what is not even a map of values.</summary>
    /// <returns>The problems, in one line.</returns>
    public string Refuse(string origin, IReadOnlyCollection<ConfigProblem> problems)
    {
        lock (_lock)
        {
            metrics.Count(UpdateOutcome.Refused);
            string text = string.Join("; ", problems.Select(problem => problem.ToString()));
            if (text.Length > LongestReport) text = $"{text[..LongestReport]}... ({problems.Count} problems)";

            // What stays wrong is said once.
            LogLevel level = text == _reported ? LogLevel.Debug : LogLevel.Error;
            UpdateRefused(logger, level, origin, text);
            _reported = text;
            return text;
        }
    }

    /// <summary>Counts an update that brought nothing new.</summary>
    public void CountUnchanged() => metrics.Count(UpdateOutcome.Unchanged);

    /// <summary>Counts an update that could not be made.</summary>
    public void CountFailed() => metrics.Count(UpdateOutcome.Failed);

    /// <summary>Tells that updates have failed too often in a row, or do so no longer.</summary>
    public void SetAlert(bool isAlert) => metrics.SetAlert(isAlert);

    private DynamicConfigSnapshot Bind(
        IReadOnlyDictionary<string, ConfigNode> values, List<ConfigProblem> problems, List<string> wrong)
    {
        DynamicConfigSnapshot previous = source.Current;
        var bound = new DynamicConfigValue?[keys.Places];
        foreach (DynamicConfigKey key in keys.All)
        {
            DynamicConfigValue? value = key.DefaultValue;
            if (values.TryGetValue(key.Name, out ConfigNode? node) || defaults.TryGetValue(key.Name, out node))
                value = key.Read(node, problems);
            if (value is null) wrong.Add(key.Name);

            // Carries over what stays, so that changes are seen without comparing values.
            DynamicConfigValue before = previous.ValueOf(key);
            bound[key.Index] = value is not null && key.AreEqual(value, before) ? before : value;
        }

        return new DynamicConfigSnapshot(bound, previous.Version + 1);
    }

    private void Save(IReadOnlyDictionary<string, ConfigNode> values)
    {
        string? reason = cache?.Save(values);
        if (reason is not null)
        {
            metrics.FailSave();
            if (reason != _unsaved) CacheNotWritten(logger, cache!.Path, reason);
        }

        _unsaved = reason;
    }

    private void ReportUnknown(string origin, IEnumerable<string> names)
    {
        string[] unknown = [.. names.Where(name => !keys.Knows(name)).Order(StringComparer.Ordinal)];
        metrics.SetUnknownNames(unknown.Length);
        string text = string.Join(", ", unknown.Take(10).Select(name => name + NearestName.Hint(name, keys.Names)))
            + (unknown.Length > 10 ? $" and {unknown.Length - 10} more" : "");
        if (text.Length > 0 && text != _unknown) NamesUnknown(logger, origin, text);
        _unknown = text;
    }

    private void ReportChanges(string origin, DynamicConfigSnapshot previous, DynamicConfigSnapshot snapshot)
    {
        string[] changed = [.. keys.Distinct.Where(key => !snapshot.IsSame(previous, key)).Select(key => key.Name)];
        string names = string.Join(", ", changed.Take(20))
            + (changed.Length > 20 ? $" and {changed.Length - 20} more" : "");
        ValuesChanged(logger, origin, names);
    }

    [LoggerMessage(401, LogLevel.Information, "Dynamic config of {Origin}: other values for {Variables}")]
    private static partial void ValuesChanged(ILogger logger, string origin, string variables);

    [LoggerMessage(EventId = 402,
        Message = "Dynamic config of {Origin} is refused, all values stay as they are: {Problems}")]
    private static partial void UpdateRefused(ILogger logger, LogLevel level, string origin, string problems);

    [LoggerMessage(403, LogLevel.Information, "Dynamic config of {Origin} has names that nothing here reads: {Names}")]
    private static partial void NamesUnknown(ILogger logger, string origin, string names);

    [LoggerMessage(404, LogLevel.Warning,
        "The cache of the dynamic config, '{Path}', cannot be written, a restart will not have these values: {Reason}")]
    private static partial void CacheNotWritten(ILogger logger, string path, string reason);
}
