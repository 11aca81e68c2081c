using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;

namespace Tideway.Observability;

/// <summary>The loggers of a service. What is logged through <c>ILogger</c> goes to the one named
/// <c>default</c>.</summary>
/// <remarks>Safe from any thread. Logging does not wait for the disk; disposing writes what is queued.</remarks>
public sealed class LoggerRegistry : ILoggerFactory, IAsyncDisposable
{
    /// <summary>The name of the logger that takes what has no logger of its own.</summary>
    public const string DefaultName = "default";

    private readonly Dictionary<string, NamedLogger> _loggers = [];
    private readonly List<LogSink> _sinks = [];
    private readonly ILoggerFactory _factory;

    private LoggerRegistry(LoggingConfig config, TimeProvider timeProvider, TextWriter complaints)
    {
        foreach ((string name, LoggerConfig logger) in config.Loggers)
        {
            var sink = new LogSink(logger, timeProvider, complaints);
            _sinks.Add(sink);
            _loggers[name] = new NamedLogger(logger, sink, timeProvider);
        }

        IsOnConsole = config.Loggers.GetValueOrDefault(DefaultName)?.FilePath is "@stdout" or "@stderr";
        _factory = LoggerFactory.Create(builder =>
        {
            if (!config.Loggers.TryGetValue(DefaultName, out LoggerConfig? main)) return;
            builder.SetMinimumLevel((LogLevel)main.Level);

            // The web server tells of every request at info; who wants that asks for debug.
            if (main.Level > LoggerLevel.Debug) builder.AddFilter("Microsoft", LogLevel.Warning);

            // Its records of requests have their query strings, where tokens are.
            builder.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.Warning);

            // What it fails of it also throws at us.
            builder.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);
#pragma warning disable CA2000 // The factory owns the provider.
            builder.AddProvider(new LogProvider(_loggers[DefaultName]));
#pragma warning restore CA2000
        });
    }

    /// <summary>How many records were dropped, of all loggers, because a queue was full or a place failed.</summary>
    public long Dropped => _sinks.Sum(sink => sink.Dropped);

    /// <summary>Whether the logger <c>default</c> writes where people look who start the service by hand.</summary>
    internal bool IsOnConsole { get; }

    /// <summary>Opens the loggers of a config.</summary>
    /// <param name="config">The loggers.</param>
    /// <param name="timeProvider">The clock of the timestamps; null for the system's.</param>
    /// <param name="complaints">Where a place that fails later is reported, once; null for stderr.</param>
    /// <exception cref="IOException">A file or socket cannot be opened.</exception>
    public static LoggerRegistry Open(
        LoggingConfig config, TimeProvider? timeProvider = null, TextWriter? complaints = null)
    {
        ArgumentNullException.ThrowIfNull(config);
        return new LoggerRegistry(config, timeProvider ?? TimeProvider.System, complaints ?? Console.Error);
    }

    /// <summary>Makes a logger that writes to the logger <c>default</c>, or nowhere when there is none.</summary>
    /// <param name="categoryName">Who logs: the <c>module</c> of the records.</param>
    public ILogger CreateLogger(string categoryName) => _factory.CreateLogger(categoryName);

    /// <summary>Adds another place for what is logged through <c>ILogger</c>.</summary>
    /// <param name="provider">The place; owned by the registry from now on.</param>
    public void AddProvider(ILoggerProvider provider) => _factory.AddProvider(provider);

    /// <summary>Opens all log files and sockets again, after they were moved away.</summary>
    public void Reopen()
    {
        foreach (LogSink sink in _sinks) sink.Reopen();
        CreateLogger("logging").LogInformation("Log files are opened again");
    }

    /// <summary>Writes what is queued, for at most 5 seconds, and closes all.</summary>
    public async ValueTask DisposeAsync()
    {
        _factory.Dispose();
        await Task.WhenAll(_sinks.Select(sink => sink.DisposeAsync().AsTask()));
    }

    /// <summary>Disposes as <see cref="DisposeAsync"/> does, and waits for it.</summary>
    [SuppressMessage("Usage", "CA1816", Justification = "There is nothing to finalize.")]
    public void Dispose() => DisposeAsync().AsTask().Wait();

    /// <summary>Finds a logger by its name in the config.</summary>
    internal bool TryFind(string name, [NotNullWhen(true)] out NamedLogger? logger) =>
        _loggers.TryGetValue(name, out logger);
}
