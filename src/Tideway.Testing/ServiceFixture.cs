using System.Reflection;
using Tideway.Components;
using Tideway.Testing.Chaos;
using Tideway.Testing.Control;
using Tideway.Testing.Hosting;
using Tideway.Testing.Lifetime;
using Tideway.Testing.Logs;
using Tideway.Testing.Metrics;
using Tideway.Testing.Mocks;
using Tideway.Testing.Testpoints;
using Tideway.Testing.WebSockets;
using Xunit;

namespace Tideway.Testing;

/// <summary>A service under test, and everything with which a test takes hold of it.</summary>
/// <remarks>One test at a time: a service is shared state. Use <see cref="ServiceFixture{TService}"/>.</remarks>
public abstract class ServiceFixture : IAsyncLifetime
{
    private const string OpenConnections = "tideway.websocket.connections.open";
    private static readonly TimeSpan _endTime = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan _longestPause = TimeSpan.FromMilliseconds(160);

    private readonly TestRuns _runs;
    private readonly TestsControl _control = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("tideway-test-").FullName;
    private RunningService? _service;
    private ServiceClients? _clients;
    private FixtureRegistry? _registry;
    private double _outliving;
    private bool _isStopped;
    private bool _isDisposed;

    private protected ServiceFixture()
    {
        _runs = new TestRuns(NameOf(GetType()), EndAsync);
        MockServer = new MockServer(_runs.Enter, () => _runs.Current);
        Testpoints = new TestpointList(_control, _runs.Enter, () => _runs.Current);
        DynamicConfig = new DynamicConfigOverrides(_control, Touch);
        Clock = new ServiceClock(_control, Touch);
        Log = new LogCapture(_control, Touch);
    }

    /// <summary>Opens WebSockets to the service.</summary>
    public StrictWebSocketClient WebSocketClient => Clients.WebSocketClient;

    /// <summary>Sends HTTP requests to the service: <c>GetAsync("/ping")</c>, say.</summary>
    public HttpClient ServiceClient => Clients.ServiceClient;

    /// <summary>Reads the metrics of the service.</summary>
    public MonitorClient MonitorClient => Clients.MonitorClient;

    /// <summary>The mock of what the service calls.</summary>
    public MockServer MockServer { get; }

    /// <summary>What happens inside the service, and failures there.</summary>
    public TestpointList Testpoints { get; }

    /// <summary>Values of the dynamic config, for one test.</summary>
    public DynamicConfigOverrides DynamicConfig { get; }

    /// <summary>The clock of the service.</summary>
    public ServiceClock Clock { get; }

    /// <summary>The log of the service.</summary>
    public LogCapture Log { get; }

    private protected abstract ComponentList Components { get; }

    private protected abstract Assembly Assembly { get; }

    private protected abstract string Config { get; }

    private bool IsRunning => _service is { Death: null } && !_isStopped;

    private ServiceClients Clients
    {
        get
        {
            Touch();
            return _clients ?? throw new InvalidOperationException("The service has not started.");
        }
    }

    /// <summary>Opens a gate between clients and the service, which does to their bytes what networks do.</summary>
    /// <param name="configure">Says what: <c>gate => gate.SplitBytes()</c>, say. Null to pass all as it comes.</param>
    /// <returns>The gate, with a client that goes through it.</returns>
    public Gate Gate(Action<GateOptions>? configure = null)
    {
        var options = new GateOptions();
        configure?.Invoke(options);
        return new Gate(Clients.Address, options, _runs.Enter());
    }

    /// <summary>Stops the service, as its operator does. Tests of the same fixture that follow have none.</summary>
    /// <returns>The exit code; 0 in the process of the tests.</returns>
    public async Task<int> StopAsync()
    {
        Touch();
        if (_service is null || _isStopped) return 0;
        _isStopped = true;
        return await _service.StopAsync();
    }

    /// <summary>Starts the service.</summary>
    public async ValueTask InitializeAsync()
    {
        _registry = FixtureRegistry.Of(TestContext.Current);
        _registry.Fixtures[this] = true;
        try
        {
            await StartAsync();
        }
        catch (Exception exception)
        {
            IReadOnlyList<string> problems = _runs.Between.TakeProblems();
            await DisposeAsync();
            if (problems.Count == 0) throw;
            throw new InvalidOperationException($"{exception.Message}\n{string.Join('\n', problems)}", exception);
        }
    }

    /// <summary>Stops the service, which has to end well.</summary>
    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (Interlocked.Exchange(ref _isDisposed, true)) return;
        _registry?.Fixtures.TryRemove(this, out _);

        // A fixture inside a test ends before it: the test is told when it ends, lest this hides why it fails.
        if (await LeaveAsync(null) is { } end) _registry?.Ends.Enqueue(end);
        await _runs.CloseLeftAsync();
        await _runs.Between.CloseAsync(ofClass: true);
        if (IsRunning) await ReportAsync(_runs.Between, StopWellAsync);
        if (_service is not null) await _service.DisposeAsync();
        _clients?.Dispose();
        await Log.DisposeAsync();
        await MockServer.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
        if (_runs.Between.TakeProblems() is { Count: > 0 } problems) throw new ServiceTestException(problems);
    }

    /// <summary>The method of a test is called now.</summary>
    internal void Begin(string testId) => _runs.Begin(testId);

    /// <summary>A test has ended.</summary>
    /// <param name="testId">Which test; null for whichever it is.</param>
    /// <returns>What is to be told of it; null if it did not use the fixture.</returns>
    internal async Task<TestEnd?> LeaveAsync(string? testId)
    {
        if (await _runs.LeaveAsync(testId) is not { TestId: { } id } run) return null;
        return new TestEnd(id, run.TakeProblems(), string.Join('\n', run.Notes));
    }

    /// <summary>Changes the static config before the service starts.</summary>
    /// <param name="setup">The config, already patched for tests.</param>
    protected virtual void Configure(ServiceSetup setup)
    {
    }

    private static string NameOf(Type type) => type.IsGenericType
        ? $"{type.Name.Split('`')[0]}<{string.Join(", ", type.GenericTypeArguments.Select(NameOf))}>"
        : type.Name;

    private void Touch() => _runs.Enter();

    private async Task StartAsync()
    {
        if (!File.Exists(Config))
        {
            throw new FileNotFoundException(
                $"The service has no config at {Config}. Have its project copy it beside the assembly "
                + "(CopyToOutputDirectory), or override ConfigPath of the fixture.");
        }

        MockServer.Handle("/testpoint", Testpoints.ServeAsync);
        MockServer.Handle("/configs-service/configs/values", DynamicConfig.ServeAsync);
        await MockServer.StartAsync();
        var patches = new TestConfig(Components, Assembly.GetName().Name!, Log.Port);
        var setup = new ServiceSetup(Config, _folder, MockServer, patches.Patch);
        Configure(setup);
        MockServer.Keep();
        string config = setup.Write();
        try
        {
            _service = setup.RunsAsProcess
                ? await ServiceProcess.StartAsync(Assembly, config, setup.Environment)
                : await InProcessService.StartAsync(Components, config, setup.Environment);
        }
        catch (Exception exception)
        {
            throw new InvalidOperationException(
                $"The service of {NameOf(GetType())} does not start: {exception.Message}{StartLog()}", exception);
        }

        _clients = new ServiceClients(_service, setup, _runs);
        _control.Connect(_clients.ServiceClient, setup.PathOf(TestConfig.ControlName));
        if (_control.IsThere) await Log.OpenAsync();
        if (_runs.Between.TakeProblems() is { Count: > 0 } problems) throw new ServiceTestException(problems);
    }

    private string StartLog()
    {
        string file = Path.Combine(_folder, "service.log");
        return File.Exists(file) ? $"\nIts log:\n{File.ReadAllText(file)}" : "";
    }

    private async Task StopWellAsync()
    {
        if (await _service!.StopAsync() is var code and not 0)
            _runs.Between.Report($"The service has ended with the exit code {code}.");
    }

    /// <summary>Makes the service what it was before a test, and looks what is left of the test.</summary>
    private async Task EndAsync(TestRun run)
    {
        if (_service?.Death is { } death) run.Report(death);
        if (IsRunning) await ReportAsync(run, Testpoints.ResetAsync);
        await run.CloseAsync(ofClass: false);
        if (IsRunning) await ReportAsync(run, Clock.ResumeAsync);
        if (IsRunning) await ReportAsync(run, DynamicConfig.ResetAsync);
        if (IsRunning && run.HasConnected) await ReportAsync(run, () => LookForConnectionsAsync(run));
        await MockServer.ResetAsync(run, _endTime);
        if (IsRunning && _control.IsThere) await ReportAsync(run, Log.CutAsync);
        run.Note(LogText.Of(Log.Take()));
    }

    private async Task ReportAsync(TestRun run, Func<Task> action)
    {
        try
        {
            await action();
        }
        catch (Exception exception) when (
            exception is InvalidOperationException or TimeoutException or HttpRequestException or TaskCanceledException)
        {
            // A service that dies stops listening first.
            string? death = exception is HttpRequestException ? await _service!.WaitForDeathAsync(_endTime) : null;
            run.Report(death ?? exception.Message);
        }
    }

    /// <summary>Sees that the service lets go the connections that the test has ended.</summary>
    private async Task LookForConnectionsAsync(TestRun run)
    {
        MonitorClient monitor = _clients!.MonitorClient;
        if (!monitor.IsThere) return;
        int expected = run.Open(ofClass: true).Concat(_runs.Between.Open(ofClass: true))
            .OfType<StrictWebSocket>().Count();
        using var time = new CancellationTokenSource(_endTime);
        var pause = TimeSpan.FromMilliseconds(5);
        while (true)
        {
            MetricSnapshot now = await monitor.ReadAsync(OpenConnections);
            Metric[] open = [.. now.Metrics.Where(metric => metric is { Path: OpenConnections, Value: > 0 })];
            double more = open.Sum(metric => metric.Value) - expected;
            if (more <= _outliving)
            {
                _outliving = Math.Max(more, 0);
                return;
            }

            if (time.IsCancellationRequested)
            {
                _outliving = more; // The tests that follow have nothing to do with it.
                run.Report(
                    $"{_endTime.TotalSeconds} s after the test the service has WebSockets open that no client has: "
                    + $"their handlers have not ended. {string.Join(", ", open.AsEnumerable())}");
                return;
            }

            await Task.Delay(pause);
            if (pause < _longestPause) pause *= 2;
        }
    }
}
