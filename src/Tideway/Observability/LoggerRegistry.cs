using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging;

namespace Tideway.Observability;

/// <summary>The loggers of a service. What components log through <c>ILogger</c> goes to the one named <c>default</c>.</summary>
/// <remarks>Safe from any thread. Logging does not wait for the disk; disposing writes what is queued.</remarks>
public sealed class LoggerRegistry : IAsyncDisposable
{
    /// <summary>The name of the logger that takes what has no logger of its own.</summary>
    public const string DefaultName = "default";

    private readonly Dictionary<string, LogSink> _sinks = [];

    private LoggerRegistry(LoggingConfig config, TimeProvider timeProvider)
    {
        foreach ((string name, LoggerConfig logger) in config.Loggers)
            _sinks[name] = new LogSink(logger.FilePath, logger.MessageQueueSize, logger.OverflowBehavior == OverflowBehavior.Block);

        Factory = LoggerFactory.Create(builder =>
        {
            if (!config.Loggers.TryGetValue(DefaultName, out LoggerConfig? main)) return;
            builder.SetMinimumLevel((LogLevel)main.Level);

            // The web server tells of every request at info; who wants that asks for debug.
            if (main.Level > LoggerLevel.Debug) builder.AddFilter("Microsoft", LogLevel.Warning);
#pragma warning disable CA2000 // The factory owns the provider.
            builder.AddProvider(new Provider(_sinks[DefaultName], main.Format, timeProvider));
#pragma warning restore CA2000
        });
    }

    /// <summary>Makes loggers that write to the logger <c>default</c>, or nowhere when there is none.</summary>
    public ILoggerFactory Factory { get; }

    /// <summary>Opens the loggers of a config.</summary>
    /// <param name="config">The loggers.</param>
    /// <param name="timeProvider">The clock of the timestamps; null for the system's.</param>
    /// <exception cref="IOException">A file or socket cannot be opened.</exception>
    public static LoggerRegistry Open(LoggingConfig config, TimeProvider? timeProvider = null)
    {
        ArgumentNullException.ThrowIfNull(config);
        return new LoggerRegistry(config, timeProvider ?? TimeProvider.System);
    }

    /// <summary>Opens all log files again, after they were moved away.</summary>
    public void Reopen()
    {
        foreach (LogSink sink in _sinks.Values) sink.Reopen();
    }

    /// <summary>Writes what is queued, for at most 5 seconds, and closes all.</summary>
    public async ValueTask DisposeAsync()
    {
        Factory.Dispose();
        foreach (LogSink sink in _sinks.Values) await sink.DisposeAsync();
    }

    private sealed class Provider(LogSink sink, LogFormat format, TimeProvider timeProvider) : ILoggerProvider, ISupportExternalScope
    {
        private long _told;

        public IExternalScopeProvider Scopes { get; private set; } = new LoggerExternalScopeProvider();

        public ILogger CreateLogger(string categoryName) => new SinkLogger(this, categoryName);

        public void SetScopeProvider(IExternalScopeProvider scopeProvider) => Scopes = scopeProvider;

        public void Write(LogLevel level, string category, string text, object? state, Exception? exception)
        {
            var extras = new List<KeyValuePair<string, string>>();
            if (Activity.Current is { } activity)
            {
                extras.Add(new("trace_id", activity.TraceId.ToHexString()));
                extras.Add(new("span_id", activity.SpanId.ToHexString()));
            }

            AddValues(extras, state);
            Scopes.ForEachScope(static (scope, extras) => AddValues(extras, scope), extras);
            var record = new LogRecord(timeProvider.GetLocalNow(), level, category, text, extras, exception);
            if (sink.Write(LogLine.Encode(record, format))) TellDropped();
        }

        public void Dispose()
        {
        }

        private void TellDropped()
        {
            long dropped = sink.Dropped, told = Interlocked.Exchange(ref _told, dropped);
            if (dropped <= told) return;
            string text = $"{dropped - told} records were dropped: the log did not take them fast enough, or at all";
            sink.Write(LogLine.Encode(
                new LogRecord(timeProvider.GetLocalNow(), LogLevel.Warning, "logging", text, [], null), format));
        }

        private static void AddValues(List<KeyValuePair<string, string>> extras, object? state)
        {
            if (state is not IEnumerable<KeyValuePair<string, object?>> values) return;
            foreach ((string key, object? value) in values)
                if (key != "{OriginalFormat}") extras.Add(new(key, Convert.ToString(value, CultureInfo.InvariantCulture) ?? ""));
        }
    }

    private sealed class SinkLogger(Provider provider, string category) : ILogger
    {
        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => provider.Scopes.Push(state);

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            provider.Write(logLevel, category, formatter(state, exception), state, exception);
    }
}
