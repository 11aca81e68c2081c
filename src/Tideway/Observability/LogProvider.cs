using Microsoft.Extensions.Logging;

namespace Tideway.Observability;

/// <summary>Writes what is logged through <c>ILogger</c> to one named logger, with its scopes.</summary>
/// <param name="target">The logger.</param>
internal class LogProvider(NamedLogger? target) : ILoggerProvider, ISupportExternalScope
{
    private IExternalScopeProvider _scopes = new LoggerExternalScopeProvider();

    /// <summary>Where records go now; null for nowhere.</summary>
    protected virtual NamedLogger? Target => target;

    public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

    public void SetScopeProvider(IExternalScopeProvider scopeProvider) => _scopes = scopeProvider;

    public void Dispose()
    {
    }

    /// <summary>Makes the text of a record, whatever its values do.</summary>
    private static string Format<TState>(
        TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        try
        {
            return formatter(state, exception);
        }
        catch (Exception failure)
        {
            // The values are the user's code, and logging never throws.
            return "The text of a record cannot be formatted: " + failure.GetType();
        }
    }

    private sealed class Logger(LogProvider provider, string category) : ILogger
    {
        // The factory has asked its filters already, which know the level of the target and its exceptions.
        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None && provider.Target is not null;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => provider._scopes.Push(state);

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter)
        {
            if (logLevel == LogLevel.None) return;
            provider.Target?.Write(
                logLevel, category, Format(state, exception, formatter), state, provider._scopes, exception);
        }
    }
}
