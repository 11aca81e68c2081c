using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Tideway.Tests.Components;

/// <summary>Remembers what is logged.</summary>
internal sealed class LogCapture : ILoggerFactory
{
    private readonly ConcurrentQueue<(LogLevel Level, string Category, string Text)> _lines = [];

    /// <summary>The scopes of values that were begun.</summary>
    public ConcurrentQueue<IReadOnlyList<KeyValuePair<string, object?>>> Scopes { get; } = [];

    public IEnumerable<string> At(LogLevel level) =>
        _lines.Where(line => line.Level == level).Select(line => line.Text);

    public IEnumerable<string> Of(string category) =>
        _lines.Where(line => line.Category == category).Select(line => line.Text);

    public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    public void Dispose()
    {
    }

    private sealed class Logger(LogCapture capture, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull
        {
            if (state is IReadOnlyList<KeyValuePair<string, object?>> values) capture.Scopes.Enqueue(values);
            return null;
        }

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception,
            Func<TState, Exception?, string> formatter) =>
            capture._lines.Enqueue((logLevel, category, formatter(state, exception)));
    }
}
