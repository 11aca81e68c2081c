using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Tideway.Components;
using Tideway.DynamicConfig;
using Tideway.Observability;
using Tideway.Testsuite;

namespace Tideway.Server;

/// <summary>What functional tests can have a service do, by name. Safe from any thread.</summary>
internal sealed class ControlActions
{
    /// <summary>The action of a request that names none.</summary>
    public const string Default = "control";

    private static readonly TimeSpan _noteTime = TimeSpan.FromSeconds(1);

    private static readonly Dictionary<string, CacheUpdate> _updates = new()
    {
        ["full"] = CacheUpdate.Full,
        ["incremental"] = CacheUpdate.Incremental,
    };

    private static readonly Dictionary<string, LogLevel> _levels = Enum.GetValues<LoggerLevel>()
        .ToDictionary(
            level => level.ToString().ToLowerInvariant(),
            level => (LogLevel)level,
            StringComparer.OrdinalIgnoreCase); // userver's plugin sends DEBUG

    private readonly Dictionary<string, Func<ControlRequest, CancellationToken, Task<JsonNode?>>> _actions;
    private readonly ComponentContext _context;
    private readonly TestsuiteSupportComponent _testsuite;
    private readonly TestpointClient? _testpoints;
    private readonly MetricsComponent _metrics;
    private readonly DynamicConfigComponent? _dynamicConfig;
    private readonly IReadOnlyList<WebSocketHandler> _webSockets;

    /// <summary>Prepares the actions.</summary>
    /// <param name="context">The service.</param>
    /// <param name="testsuite">What components offer to tests.</param>
    /// <param name="testpoints">Where testpoints are told; null for nowhere.</param>
    /// <param name="metrics">The metrics of the service.</param>
    /// <param name="dynamicConfig">The variables of the service; null for none.</param>
    /// <param name="webSockets">The handlers whose connections live by the clock.</param>
    public ControlActions(
        ComponentContext context,
        TestsuiteSupportComponent testsuite,
        TestpointClient? testpoints,
        MetricsComponent metrics,
        DynamicConfigComponent? dynamicConfig,
        IReadOnlyList<WebSocketHandler> webSockets)
    {
        (_context, _testsuite, _testpoints) = (context, testsuite, testpoints);
        (_metrics, _dynamicConfig, _webSockets) = (metrics, dynamicConfig, webSockets);
        _actions = new()
        {
            [Default] = ControlAsync,
            ["run_periodic_task"] = RunPeriodicTaskAsync,
            ["suspend_periodic_tasks"] = (request, _) => Done(
                () => _context.PeriodicTasks.SuspendOnly(request.RequiredNames("names"))),
            ["reset_metrics"] = (_, _) => Done(() => _metrics.Collector.Reset()),
            ["metrics_portability"] = (request, _) => Task.FromResult<JsonNode?>(
                MetricPortability.Check(_metrics.Collector.Collect(), request.Text("prefix") ?? "")),
            ["log_capture"] = CaptureLogAsync,
            ["log_flush"] = FlushLogAsync,
            ["task_run"] = RunTaskAsync,
            ["task_spawn"] = (request, _) => SpawnTask(request),
            ["task_stop"] = StopTaskAsync,
            ["tasks_list"] = (_, _) => Task.FromResult<JsonNode?>(
                new JsonObject { ["tasks"] = ToJson(_testsuite.Tasks.Names) }),
            ["get_dynamic_config_defaults"] = (_, _) => Task.FromResult<JsonNode?>(
                _dynamicConfig?.Defaults.DeepClone() ?? new JsonObject()),
            ["write_cache_dumps"] = (request, _) => RefuseDumps(request),
            ["read_cache_dumps"] = (request, _) => RefuseDumps(request),

            // There is no HTTP client of the framework's whose requests could be forbidden.
            ["http_allowed_urls_extra"] = (request, _) => Done(() => request.Names("allowed_urls_extra")),
        };
    }

    /// <summary>The names of the actions.</summary>
    public IEnumerable<string> Names => _actions.Keys;

    /// <summary>Does what a test asks for.</summary>
    /// <param name="action">The name of the action.</param>
    /// <param name="request">What it needs.</param>
    /// <param name="cancellationToken">Calls it off.</param>
    /// <returns>The answer; null is one, too.</returns>
    /// <exception cref="ControlException">The request is wrong.</exception>
    public Task<JsonNode?> PerformAsync(string action, ControlRequest request, CancellationToken cancellationToken) =>
        _actions.TryGetValue(action, out var perform)
            ? perform(request, cancellationToken)
            : throw new ControlException(
                StatusCodes.Status400BadRequest, $"no action '{action}', expected one of {string.Join(", ", Names)}");

    private async Task<JsonNode?> ControlAsync(ControlRequest request, CancellationToken cancellationToken)
    {
        if (request.Names("testpoints") is { } names)
        {
            if (_testpoints is null)
            {
                throw new ControlException(
                    StatusCodes.Status400BadRequest, "tests-control has no testpoint-url, so there are no testpoints");
            }

            _testpoints.Handle(names);
        }

        if (request.Has("mock_now"))
        {
            DateTimeOffset? now = request.Time("mock_now");
            if (request.Flag("mock_timers") is true && now is { } time)
            {
                await NoteActivityAsync();
                Clock.Freeze(time);
            }
            else
            {
                Clock.SetWall(now);
            }
        }

        if (request.Object("invalidate_caches") is { } caches)
        {
            await _testsuite.Caches.UpdateAsync(
                caches.Word("update_type", _updates) ?? CacheUpdate.Full,
                caches.Names("names"),
                caches.Names("exclude_names") ?? [],
                caches.Names("force_incremental_names") ?? [],
                cancellationToken);
        }

        return null;
    }

    /// <summary>Has connections note what happened until now, as they do from time to time: a move of the clock passes
    /// all these times at once.</summary>
    private async Task NoteActivityAsync()
    {
        Task[] looks =
            [.. _webSockets.SelectMany(handler => handler.Tally.Open).Select(open => open.CheckTimeLimitsAsync())];

        // One whose handler blocks its context is not waited for.
        await Task.WhenAll(looks).WaitAsync(_noteTime).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private ServiceClock Clock => _context.TimeProvider as ServiceClock
        ?? throw new InvalidOperationException("the service was started with a clock that cannot be moved");

    private async Task<JsonNode?> RunPeriodicTaskAsync(ControlRequest request, CancellationToken cancellationToken)
    {
        string name = request.RequiredText("name");
        PeriodicTask task = _context.PeriodicTasks.Find(name) ?? throw new InvalidOperationException(
            $"there is no periodic task '{name}', expected one of {string.Join(", ", _context.PeriodicTasks.Names())}");
        return new JsonObject { ["status"] = await task.RunAsync(cancellationToken) };
    }

    private async Task<JsonNode?> CaptureLogAsync(ControlRequest request, CancellationToken cancellationToken)
    {
        LogLevel level = request.Word("log_level", _levels) ?? LogLevel.Trace;
        await Loggers.CaptureAsync(request.RequiredFlag("socket_logging_duplication") ? level : null);
        return null;
    }

    private async Task<JsonNode?> FlushLogAsync(ControlRequest request, CancellationToken cancellationToken)
    {
        await Loggers.FlushAsync(request.Text("logger_name")).WaitAsync(cancellationToken);
        return null;
    }

    private LoggerRegistry Loggers => _context.LoggerFactory as LoggerRegistry
        ?? throw new InvalidOperationException("the loggers of the service are not those of its config");

    private async Task<JsonNode?> RunTaskAsync(ControlRequest request, CancellationToken cancellationToken) =>
        Outcome(await Start(request.RequiredText("name")).JoinAsync(cancellationToken));

    private Task<JsonNode?> SpawnTask(ControlRequest request)
    {
        TestsuiteTaskRun run = Start(request.RequiredText("name"));
        _testsuite.Tasks.Keep(run);
        return Task.FromResult<JsonNode?>(new JsonObject { ["task_id"] = run.Id });
    }

    private async Task<JsonNode?> StopTaskAsync(ControlRequest request, CancellationToken cancellationToken)
    {
        string id = request.RequiredText("task_id");
        TestsuiteTaskRun run = _testsuite.Tasks.Take(id)
            ?? throw new ControlException(StatusCodes.Status404NotFound, $"no spawned task has the id '{id}'");
        return Outcome(await run.StopAsync(cancellationToken));
    }

    private TestsuiteTaskRun Start(string name)
    {
        if (!_testsuite.Tasks.IsEnabled)
            throw new InvalidOperationException("testsuite-support has testsuite-tasks-enabled: false");
        if (_testsuite.Tasks.Start(name, out bool isKnown) is { } run) return run;
        throw isKnown
            ? new ControlException(StatusCodes.Status409Conflict, $"task '{name}' runs already")
            : new ControlException(
                StatusCodes.Status404NotFound,
                $"no task '{name}', expected one of {string.Join(", ", _testsuite.Tasks.Names)}");
    }

    private static JsonObject Outcome(string? failure) => failure is null
        ? new JsonObject { ["status"] = true }
        : new JsonObject { ["status"] = false, ["reason"] = failure };

    private static Task<JsonNode?> RefuseDumps(ControlRequest request) =>
        request.RequiredNames("names") is [string name, ..]
        ? throw new InvalidOperationException($"'{name}' is not dumped: no cache of this service is")
        : Task.FromResult<JsonNode?>(null);

    private static JsonArray ToJson(IEnumerable<string> names) =>
        new([.. names.Select(name => JsonValue.Create(name))]);

    private static Task<JsonNode?> Done(Action action)
    {
        action();
        return Task.FromResult<JsonNode?>(null);
    }
}
