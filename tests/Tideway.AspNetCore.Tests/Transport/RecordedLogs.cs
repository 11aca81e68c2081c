using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Tideway.AspNetCore.Tests.Transport;

/// <summary>Keeps the messages that an application logs.</summary>
internal sealed class RecordedLogs : ILoggerProvider, ILogger
{
    private readonly ConcurrentQueue<string> _messages = new();

    public bool Contains(string part) => _messages.Any(message => message.Contains(part, StringComparison.Ordinal));

    public override string ToString() => string.Join(Environment.NewLine, _messages);

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel,
        EventId eventId,
        TState state,
        Exception? exception,
        Func<TState, Exception?, string> formatter) => _messages.Enqueue(formatter(state, exception));

    public void Dispose()
    {
    }
}
