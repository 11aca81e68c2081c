using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Tideway.Server;

/// <summary>Passes on what the web server logs, but for floods of one line: a peer must not be able to fill the
/// disk.</summary>
/// <remarks>Of each event at warning and above, one record a second passes. The next one that does has the number of
/// those between as <c>withheld</c>. Safe from any thread.</remarks>
internal sealed class WebServerLog(ILoggerFactory loggers, TimeProvider timeProvider) : ILoggerFactory
{
    public ILogger CreateLogger(string categoryName)
    {
        ILogger logger = loggers.CreateLogger(categoryName);
        return categoryName.StartsWith("Microsoft.AspNetCore.Server.Kestrel", StringComparison.Ordinal)
            ? new Logger(logger, timeProvider)
            : logger;
    }

    public void AddProvider(ILoggerProvider provider) => loggers.AddProvider(provider);

    public void Dispose()
    {
        // The loggers are the service's.
    }

    private sealed class Logger(ILogger inner, TimeProvider timeProvider) : ILogger
    {
        private readonly ConcurrentDictionary<int, LogRate> _events = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => inner.BeginScope(state);

        public bool IsEnabled(LogLevel logLevel) => inner.IsEnabled(logLevel);

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter)
        {
            long withheld = 0;
            if (logLevel >= LogLevel.Warning
                && !_events.GetOrAdd(eventId.Id, _ => new LogRate(timeProvider)).MayPass(out withheld))
            {
                return;
            }

            // Critical is what ends the service, and not what a peer does.
            if (eventId.Name == "Http2QueueOperationsExceeded") logLevel = LogLevel.Warning;
            using IDisposable? scope = withheld == 0
                ? null
                : inner.BeginScope(new[] { KeyValuePair.Create<string, object?>("withheld", withheld) });
            inner.Log(logLevel, eventId, state, exception, formatter);
        }
    }
}
