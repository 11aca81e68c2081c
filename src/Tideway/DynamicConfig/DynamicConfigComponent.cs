using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using Tideway.Components;
using Tideway.Configuration;
using Tideway.Testsuite;

namespace Tideway.DynamicConfig;

/// <summary>Has the values of all variables of the service: the <c>dynamic-config</c> component.</summary>
/// <remarks>A component that reads variables asks for this one in its constructor; the first values are there
/// then.</remarks>
public sealed partial class DynamicConfigComponent : INamedComponent, IComponentLifecycle, IAsyncDisposable
{
    private readonly DynamicConfigMetrics _metrics;
    private readonly IValueFeed? _feed;
    private readonly bool _isPeriodic;
    private readonly IDisposable? _cacheForTests;

    /// <summary>Takes the first values.</summary>
    /// <param name="config">Where they come from.</param>
    /// <param name="context">The process.</param>
    /// <param name="fallbacks">Values for variables that get none from elsewhere.</param>
    /// <param name="updater">The config service; null for none.</param>
    /// <param name="testsuite">Where tests find what they can have updated; null when nothing is tested.</param>
    /// <exception cref="InvalidOperationException">A declaration of a variable is wrong.</exception>
    /// <exception cref="ConfigException">A value to start on is wrong.</exception>
    /// <exception cref="IOException">There are no values at all, or the options contradict each other.</exception>
    public DynamicConfigComponent(
        DynamicConfigConfig config,
        ComponentContext context,
        DynamicConfigFallbacksComponent? fallbacks,
        DynamicConfigClientUpdaterComponent? updater,
        TestsuiteSupportComponent? testsuite = null)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(context);
        if (Contradiction(config, updater) is { } contradiction) throw new IOException(contradiction);

        ILogger logger = context.LoggerFactory.CreateLogger(context.ComponentName);
        TimeProvider clock = context.TimeProvider;
        Source = new DynamicConfigSource(logger);
        var start = StartingValues.Read(config, fallbacks?.Config.FallbackPath, logger);
        var cache = config.FsCachePath.Length > 0 ? new DynamicConfigCache(config.FsCachePath) : null;
        bool hasUpdates = updater is not null || config.WatchPath is not null;
        _metrics = new DynamicConfigMetrics(Source, clock, hasUpdates, context.Meters);
        _isPeriodic = updater?.Config.TestsuiteForcePeriodicUpdate ?? testsuite?.HasPeriodicUpdates ?? true;
        try
        {
            DynamicConfigKeys keys =
                DynamicConfigKeys.Find([.. context.Assemblies, typeof(DynamicConfigComponent).Assembly]);
            Defaults = DynamicConfigSchema.DefaultsOf(keys, start.Values);
            var updates = new DynamicConfigUpdates(
                keys,
                start.Values,
                Source,
                _metrics,
                cache,
                logger);
            updates.ApplyDefaults();
            _feed = updater is not null ? new ConfigPoller(updater.Config, updater.Client, updates, context, logger)
                : config.WatchPath is { } path ? new WatchedFile(path, config.WatchInterval, updates, clock, logger)
                : null;
            if (_feed is not null || config.UpdatesEnabled) Load(updates, cache, start.HasFallback, context, logger);
            if (_feed is not null) _cacheForTests = testsuite?.Caches.Register(_feed.Name, UpdateForTestAsync);
        }
        catch
        {
            _metrics.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public static string ComponentName => "dynamic-config";

    /// <summary>The values, and news of their changes.</summary>
    public DynamicConfigSource Source { get; }

    /// <summary>What variables are that nobody brings another value for: by name, as JSON.</summary>
    internal JsonObject Defaults { get; }

    /// <inheritdoc/>
    public ValueTask OnAllComponentsLoadedAsync(CancellationToken cancellationToken)
    {
        if (_isPeriodic) _feed?.Start();
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _cacheForTests?.Dispose();
        if (_feed is not null) await _feed.DisposeAsync();
        _metrics.Dispose();
    }

    private static string? Contradiction(DynamicConfigConfig config, DynamicConfigClientUpdaterComponent? updater) =>
        updater is not null && !config.UpdatesEnabled
            ? $"{DynamicConfigClientUpdaterComponent.ComponentName} cannot bring values: set updates-enabled of "
                + $"{ComponentName} to true, or load-enabled of the updater to false"
        : updater is not null && config.WatchPath is not null
            ? "both watch-path and dynamic-config-client-updater would bring values, expected only one of them"
        : null;

    private async Task UpdateForTestAsync(CacheUpdate update, CancellationToken cancellationToken)
    {
        if (await _feed!.BringAsync(update == CacheUpdate.Full, cancellationToken) is { } problem)
            throw new InvalidOperationException($"the dynamic config stays as it is: {problem}");
    }

    /// <summary>Takes the values of the cache, then those that are brought; one of them has to work.</summary>
    private void Load(
        DynamicConfigUpdates updates,
        DynamicConfigCache? cache,
        bool hasFallback,
        ComponentContext context,
        ILogger logger)
    {
        string? cacheProblem = cache is null ? "there is no fs-cache-path" : LoadCache(updates, cache, logger);
        string? problem = _feed is null
            ? "nothing brings any: append DynamicConfigClientUpdaterComponent to the list of components, or set "
                + "watch-path"
            : Task.Run(() => _feed.BringAsync(all: true, context.Stopping)).GetAwaiter().GetResult();
        if (problem is null) return;
        if (cacheProblem is not null && !hasFallback)
        {
            throw new IOException(
                $"there are no values to start on: {problem}; {cacheProblem}; there is no fallback-path");
        }

        StartedWithout(logger, cacheProblem is null ? $"the cache '{cache!.Path}'" : "the fallback-path", problem);
    }

    private static string? LoadCache(DynamicConfigUpdates updates, DynamicConfigCache cache, ILogger logger)
    {
        IReadOnlyDictionary<string, ConfigNode>? values = cache.Load(out string? reason);
        if (values is not null) updates.Apply(cache.Path, values, out reason, isFromCache: true);
        if (reason is null) return null;
        CacheNotUsed(logger, cache.Path, reason);
        return $"the cache '{cache.Path}' cannot be used: {reason}";
    }

    [LoggerMessage(411, LogLevel.Warning, "Dynamic config: the cache '{Path}' is ignored: {Reason}")]
    private static partial void CacheNotUsed(ILogger logger, string path, string reason);

    [LoggerMessage(412, LogLevel.Warning, "Dynamic config: the service starts on the values of {Values}: {Reason}")]
    private static partial void StartedWithout(ILogger logger, string values, string reason);
}
