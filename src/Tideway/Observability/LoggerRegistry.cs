using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;
using Tideway.DynamicConfig;

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
    private readonly LoggingConfig _config;
    private readonly LogFilters _filters;
    private readonly LoggerFactory _factory;
    private readonly CaptureProvider? _capture;

    private LoggerRegistry(LoggingConfig config, TimeProvider timeProvider, TextWriter complaints)
    {
        _config = config;
        foreach ((string name, LoggerConfig logger) in config.Loggers)
        {
            var sink = new LogSink(logger, timeProvider, complaints);
            _sinks.Add(sink);
            _loggers[name] = new NamedLogger(logger, sink, timeProvider);
        }

        IsOnConsole = config.Loggers.GetValueOrDefault(DefaultName)?.FilePath is "@stdout" or "@stderr";
        NamedLogger? main = _loggers.GetValueOrDefault(DefaultName);
        _filters = new LogFilters(main?.Level ?? LogLevel.Information);
        if (config.Loggers.GetValueOrDefault(DefaultName)?.TestsuiteCapture is { } capture)
            _capture = new CaptureProvider(capture, _filters, timeProvider, complaints);
#pragma warning disable CA2000 // There is nothing to dispose of.
        IEnumerable<ILoggerProvider?> providers = [main is null ? null : new LogProvider(main), _capture];
#pragma warning restore CA2000
        _factory = new LoggerFactory(providers.OfType<ILoggerProvider>(), _filters);
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
        if (_capture is not null) await _capture.StopAsync();
        await Task.WhenAll(_sinks.Select(sink => sink.DisposeAsync().AsTask()));
    }

    /// <summary>Disposes as <see cref="DisposeAsync"/> does, and waits for it.</summary>
    [SuppressMessage("Usage", "CA1816", Justification = "There is nothing to finalize.")]
    public void Dispose() => DisposeAsync().AsTask().Wait();

    /// <summary>Sends a functional test what is logged through <c>ILogger</c>, until it is told to stop.</summary>
    /// <param name="level">The least severity that is sent; null to stop.</param>
    /// <exception cref="InvalidOperationException">No place is configured for it.</exception>
    /// <exception cref="IOException">The test does not listen there.</exception>
    internal Task CaptureAsync(LogLevel? level) => _capture is null
        ? throw new InvalidOperationException("the logger 'default' has no testsuite-capture")
        : level is { } from ? _capture.StartAsync(from) : _capture.StopAsync();

    /// <summary>Waits until what is logged has been written.</summary>
    /// <param name="name">The logger; null for the default one.</param>
    /// <exception cref="InvalidOperationException">There is no logger of the name.</exception>
    internal async Task FlushAsync(string? name)
    {
        if (name is not null && !_loggers.ContainsKey(name))
            throw new InvalidOperationException($"there is no logger '{name}' in logging.loggers");
        name ??= DefaultName;
        if (_loggers.TryGetValue(name, out NamedLogger? logger)) await logger.FlushAsync();
        if (name == DefaultName && _capture is not null) await _capture.FlushAsync();
    }

    /// <summary>Lets variables steer the levels, until the subscription is disposed.</summary>
    internal IDisposable? Follow(DynamicConfigSource? source) => source?.Subscribe(
        (_, now) => Steer(now.Get(LogVariables.Levels), now.Get(LogVariables.DynamicDebug)),
        LogVariables.Levels,
        LogVariables.DynamicDebug);

    /// <summary>Finds a logger by its name in the config.</summary>
    internal bool TryFind(string name, [NotNullWhen(true)] out NamedLogger? logger) =>
        _loggers.TryGetValue(name, out logger);

    private void Steer(IReadOnlyDictionary<string, LoggerLevel> levels, DynamicDebugConfig debug)
    {
        foreach ((string name, NamedLogger logger) in _loggers)
            logger.Level = (LogLevel)levels.GetValueOrDefault(name, _config.Loggers[name].Level);
        if (_loggers.TryGetValue(DefaultName, out NamedLogger? main)) _filters.Set(main.Level, debug);
        string[] unknown = [.. levels.Keys.Where(name => !_loggers.ContainsKey(name))];
        if (unknown.Length > 0)
        {
            CreateLogger("logging").LogWarning(
                "{Variable}: there is no logger {Names}",
                LogVariables.Levels.Name,
                string.Join(", ", unknown.Take(10)));
        }
    }
}
