using Tideway.Configuration;
using Tideway.DynamicConfig;
using Tideway.Tests.Components;

namespace Tideway.Tests.DynamicConfig;

/// <summary>A source of given variables, whose updates are JSON.</summary>
internal sealed class ValuesOf : IDisposable
{
    private readonly DynamicConfigMetrics _metrics;
    private readonly DynamicConfigUpdates _updates;

    public ValuesOf(params DynamicConfigKey[] keys)
    {
        Source = new DynamicConfigSource(Log.CreateLogger("dynamic-config"));
        _metrics = new DynamicConfigMetrics(Source, TimeProvider.System, hasUpdates: true);
        _updates = new DynamicConfigUpdates(
            new DynamicConfigKeys(keys),
            new Dictionary<string, ConfigNode>(),
            Source,
            _metrics,
            cache: null,
            Log.CreateLogger("dynamic-config"));
        _updates.ApplyDefaults();
    }

    public LogCapture Log { get; } = new();

    public DynamicConfigSource Source { get; }

    /// <summary>Brings values, and answers why they were refused; null if they were taken.</summary>
    public string? Apply(string document)
    {
        var problems = new List<ConfigProblem>();
        if (ConfigJson.ReadMap(document, "test", problems) is not { } map) return _updates.Refuse("test", problems);
        _updates.Apply("test", ValueFile.ToValues(map), out string? problem);
        return problem;
    }

    public void Dispose() => _metrics.Dispose();
}
