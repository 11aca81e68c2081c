using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Tideway.Observability;

/// <summary>Which records reach the logger <c>default</c>, by category and level; may be changed at any time.</summary>
/// <remarks>The logger factory works out the level of each category when this changes, so that a record that is not
/// written costs a comparison.</remarks>
internal sealed class LogFilters : IOptionsMonitor<LoggerFilterOptions>
{
    private readonly Lock _lock = new();
    private Action<LoggerFilterOptions, string?>? _listener;
    private LogLevel _level;
    private LogLevel _captured = LogLevel.None;
    private DynamicDebugConfig _debug = new();

    /// <summary>Begins with a level, and no exceptions.</summary>
    public LogFilters(LogLevel level)
    {
        _level = level;
        CurrentValue = Options();
    }

    public LoggerFilterOptions CurrentValue { get; private set; }

    public LoggerFilterOptions Get(string? name) => CurrentValue;

    public IDisposable? OnChange(Action<LoggerFilterOptions, string?> listener)
    {
        _listener = listener;
        return null;
    }

    /// <summary>Sets another level, and other exceptions.</summary>
    public void Set(LogLevel level, DynamicDebugConfig debug)
    {
        lock (_lock)
        {
            (_level, _debug) = (level, debug);
            Apply();
        }
    }

    /// <summary>Sets the level from which records reach <see cref="CaptureProvider"/>, without exceptions.</summary>
    public void SetCaptured(LogLevel level)
    {
        lock (_lock)
        {
            _captured = level;
            Apply();
        }
    }

    private void Apply()
    {
        CurrentValue = Options();
        _listener?.Invoke(CurrentValue, null);
    }

    private LoggerFilterOptions Options()
    {
        (LogLevel level, DynamicDebugConfig debug) = (_level, _debug);
        var options = new LoggerFilterOptions { MinLevel = level };
        options.Rules.Add(new LoggerFilterRule(typeof(CaptureProvider).FullName, null, _captured, null));

        // The web server tells of every request at info; who wants that asks for debug.
        LogLevel warning = level > LogLevel.Warning ? level : LogLevel.Warning;
        if (level > LogLevel.Debug) Add("Microsoft", warning);

        // Its records of requests have their query strings, where tokens are.
        Add("Microsoft.AspNetCore.Hosting.Diagnostics", warning);

        // What it fails of it also throws at us.
        Add("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);

        // Of two rules for one category the last counts.
        foreach (string category in debug.ForceDisabled) Add(category, LogLevel.Warning);
        foreach ((string category, LoggerLevel upTo) in debug.ForceDisabledLevel)
            Add(category, upTo >= LoggerLevel.Critical ? LogLevel.None : (LogLevel)upTo + 1);
        foreach (string category in debug.ForceEnabled) Add(category, LogLevel.Trace);
        foreach ((string category, LoggerLevel from) in debug.ForceEnabledLevel) Add(category, (LogLevel)from);
        return options;

        void Add(string category, LogLevel from) =>
            options.Rules.Add(new LoggerFilterRule(null, category, from, null));
    }
}
