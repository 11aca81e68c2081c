using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Tideway.Components;
using Tideway.Server;
using Tideway.Testsuite;

namespace Tideway.Tests.Testsuite;

/// <summary>The handler <c>tests-control</c> as tests of userver see it: raw JSON over HTTP.</summary>
public sealed class TestsControlTests
{
    [Fact]
    public async Task It_is_not_there_without_its_section()
    {
        await using TestService service = await TestService.StartAsync("    handler-ping: { path: /ping }");
        using HttpResponseMessage ping =
            await service.Http.GetAsync(new Uri(service.Url, "/ping"), TestService.Patience);
        Assert.Equal(HttpStatusCode.OK, ping.StatusCode);
        using HttpResponseMessage response =
            await service.Http.PostAsync(new Uri(service.Url, "/tests/control"), null, TestService.Patience);
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        using HttpResponseMessage monitor =
            await service.Http.GetAsync(new Uri(service.MonitorUrl, "/service/monitor"), TestService.Patience);
        Assert.Equal(HttpStatusCode.NotFound, monitor.StatusCode);
    }

    [Fact]
    public async Task It_is_not_there_when_it_is_switched_off_and_the_clock_is_the_systems()
    {
        await using TestService service = await TestService.StartAsync(
            """
                testsuite-support:
                tests-control: { path: '/tests/{action}', load-enabled: false }
                probe:
            """,
            list => list.Append<Probe>());
        Assert.Same(TimeProvider.System, service.System.Find<Probe>().Context.TimeProvider);
        using HttpResponseMessage response =
            await service.Http.PostAsync(new Uri(service.Url, "/tests/control"), null, TestService.Patience);
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    [Fact]
    public async Task It_needs_testsuite_support()
    {
        var error = await Assert.ThrowsAsync<ComponentGraphException>(
            () => TestService.StartAsync("    tests-control: { path: '/tests/{action}' }"));
        Assert.Contains(
            "'testsuite-support' has no section in the static config", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_warns_at_the_start_that_it_is_on()
    {
        await using TestService service = await TestService.StartAsync(TestService.Control);
        await service.DoAsync("log_flush");
        Assert.Contains(
            await File.ReadAllLinesAsync(service.LogPath, TestService.Patience),
            line => line.Contains("level=WARNING", StringComparison.Ordinal)
                && line.Contains("Test control is on: whoever can reach /tests/{action}", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_empty_control_does_nothing_and_answers_null()
    {
        await using TestService service = await TestService.StartAsync(TestService.Control);
        Assert.Null(await service.DoAsync("control"));
        Assert.Null(await service.DoAsync("control", ""));
        Assert.Null(await service.DoAsync("control", "null"));
    }

    [Theory]
    [InlineData("no_such", "{}", "no action 'no_such', expected one of control, ")]
    [InlineData("control", """{"action": "no_such"}""", "no action 'no_such'")]
    [InlineData("control", "[]", "the body is [], expected an object")]
    [InlineData("control", "{", "the body is not JSON")]
    [InlineData("control", """{"mock_now": null, "mock_now": null}""", "the body is not JSON: Duplicate property")]
    [InlineData("control", """{"testpoints": ["a"]}""", "no testpoint-url")]
    [InlineData("control", """{"testpoints": "a"}""", "'testpoints' is \"a\", expected a list of strings")]
    [InlineData("control", """{"mock_now": "noon"}""", "'mock_now' is 'noon', expected a time such as")]
    [InlineData(
        "control",
        """{"invalidate_caches": {"update_type": "all"}}""",
        "'invalidate_caches.update_type' is 'all', expected one of full, incremental")]
    [InlineData("run_periodic_task", "{}", "'name' is missing, expected a string")]
    [InlineData("log_capture", "{}", "'socket_logging_duplication' is missing, expected true or false")]
    [InlineData("suspend_periodic_tasks", """{"names": [1]}""", "'names' is [1], expected a list of strings")]
    public async Task What_is_asked_for_wrongly_gets_400_with_the_reason(string action, string json, string reason)
    {
        await using TestService service = await TestService.StartAsync(TestService.Control);
        (HttpStatusCode status, JsonNode? answer) = await service.TryAsync(action, json);
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Equal("400", (string)answer!["code"]!);
        Assert.Contains(reason, (string)answer["message"]!, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("run_periodic_task", """{"name": "none"}""", "there is no periodic task 'none'")]
    [InlineData(
        "control",
        """{"invalidate_caches": {"update_type": "full", "names": ["none"]}}""",
        "there is no cache 'none'")]
    [InlineData(
        "log_capture", """{"socket_logging_duplication": true}""", "the logger 'default' has no testsuite-capture")]
    [InlineData("log_flush", """{"logger_name": "none"}""", "there is no logger 'none'")]
    [InlineData("write_cache_dumps", """{"names": ["users"]}""", "'users' is not dumped")]
    public async Task What_cannot_be_done_gets_500_with_the_reason(string action, string json, string reason)
    {
        await using TestService service = await TestService.StartAsync(TestService.Control);
        (HttpStatusCode status, JsonNode? answer) = await service.TryAsync(action, json);
        Assert.Equal(HttpStatusCode.InternalServerError, status);
        Assert.StartsWith($"{action} failed: {reason}", (string)answer!["message"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Other_methods_than_POST_get_405()
    {
        await using TestService service = await TestService.StartAsync(TestService.Control);
        using HttpResponseMessage response =
            await service.Http.GetAsync(new Uri(service.Url, "/tests/control"), TestService.Patience);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, response.StatusCode);
    }

    [Fact]
    public async Task The_action_may_stand_in_the_body()
    {
        await using TestService service = await TestService.StartAsync("""
                testsuite-support:
                tests-control: { path: /tests/control }
            """);
        Assert.Equal(
            """{"tasks":[]}""", (await service.DoAsync("control", """{"action": "tasks_list"}"""))!.ToJsonString());
    }

    [Theory]
    [InlineData("2021-06-29T14:15:31.173239", "2021-06-29T14:15:31.1732390Z")]
    [InlineData("2021-06-29T14:15:31.173239+0000", "2021-06-29T14:15:31.1732390Z")]
    [InlineData("2021-06-29T14:15:31.173239Z", "2021-06-29T14:15:31.1732390Z")]
    [InlineData("2021-06-29T17:15:31+03:00", "2021-06-29T14:15:31.0000000Z")]
    [InlineData("2021-06-29T14:15:31.173239295+0000", "2021-06-29T14:15:31.1732393Z")]
    [InlineData("2021-06-29 14:15:31", "2021-06-29T14:15:31.0000000Z")]
    public async Task The_clock_of_components_takes_the_time_of_the_test(string now, string expected)
    {
        await using TestService service = await TestService.StartAsync(
            TestService.Control + "    probe:", list => list.Append<Probe>());
        TimeProvider clock = service.System.Find<Probe>().Context.TimeProvider;
        await service.DoAsync("control", $$"""{"mock_now": "{{now}}"}""");
        Assert.Equal(expected, clock.GetUtcNow().UtcDateTime.ToString("O"));
        await service.DoAsync("control", "{}");
        Assert.Equal(expected, clock.GetUtcNow().UtcDateTime.ToString("O"));
        await service.DoAsync("control", """{"mock_now": null}""");
        Assert.InRange(clock.GetUtcNow(), DateTimeOffset.UtcNow.AddMinutes(-5), DateTimeOffset.UtcNow.AddMinutes(5));
    }

    [Fact]
    public async Task Periodic_tasks_run_when_the_clock_is_moved_or_a_test_says_so_and_not_while_they_are_suspended()
    {
        await using TestService service = await TestService.StartAsync(
            TestService.Control + TestService.Monitor + "    probe:", list => list.Append<Probe>());
        Probe probe = service.System.Find<Probe>();
        await service.DoAsync("control", """{"mock_now": "2026-01-31T12:00:00Z"}""");
        await service.DoAsync("control", """{"mock_now": "2026-01-31T12:00:10Z"}""");
        await probe.Ran.WaitAsync(TestService.Patience);

        await service.DoAsync("suspend_periodic_tasks", """{"names": ["probe-task"]}""");
        JsonNode? answer = await service.DoAsync("run_periodic_task", """{"name": "probe-task"}""");
        Assert.Equal("""{"status":true}""", answer!.ToJsonString());
        await probe.Ran.WaitAsync(TestService.Patience);
        probe.Fails = true;
        answer = await service.DoAsync("run_periodic_task", """{"name": "probe-task"}""");
        Assert.Equal("""{"status":false}""", answer!.ToJsonString());
        await probe.Ran.WaitAsync(TestService.Patience);
        Assert.Equal(
            1,
            (int)(await service.MetricAsync(
                "tideway.periodic_task.runs", """{"task": "probe-task", "outcome": "failed"}"""))!);
        Assert.Equal(
            2,
            (int)(await service.MetricAsync(
                "tideway.periodic_task.runs", """{"task": "probe-task", "outcome": "ok"}"""))!);
    }

    [Fact]
    public async Task Tasks_of_components_are_run_spawned_and_stopped()
    {
        await using TestService service = await TestService.StartAsync(
            TestService.Control + "    probe:", list => list.Append<Probe>());
        Probe probe = service.System.Find<Probe>();
        Assert.Equal(
            """{"tasks":["failing","forever","once"]}""", (await service.DoAsync("tasks_list"))!.ToJsonString());
        Assert.Equal(
            """{"status":true}""", (await service.DoAsync("task_run", """{"name": "once"}"""))!.ToJsonString());
        await probe.Ran.WaitAsync(TestService.Patience);
        Assert.Equal(
            """{"status":false,"reason":"as it is to"}""",
            (await service.DoAsync("task_run", """{"name": "failing"}"""))!.ToJsonString());

        string id = (string)(await service.DoAsync("task_spawn", """{"name": "forever"}"""))!["task_id"]!;
        Assert.Equal(HttpStatusCode.Conflict, (await service.TryAsync("task_run", """{"name": "forever"}""")).Status);
        Assert.Equal(HttpStatusCode.Conflict, (await service.TryAsync("task_spawn", """{"name": "forever"}""")).Status);
        string stop = $$"""{"task_id": "{{id}}"}""";
        Assert.Equal("""{"status":true}""", (await service.DoAsync("task_stop", stop))!.ToJsonString());
        Assert.Equal(HttpStatusCode.NotFound, (await service.TryAsync("task_stop", stop)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await service.TryAsync("task_run", """{"name": "none"}""")).Status);

        // What a test leaves is stopped with the service, and is an error.
        await service.DoAsync("task_spawn", """{"name": "forever"}""");
    }

    [Fact]
    public async Task Caches_are_updated_in_order_all_or_by_name_and_some_incrementally()
    {
        await using TestService service = await TestService.StartAsync(
            TestService.Control + "    probe:", list => list.Append<Probe>());
        Probe probe = service.System.Find<Probe>();
        await InvalidateAsync("""{"update_type": "full"}""");
        Assert.Equal(["users Full", "rooms Full"], probe.TakeUpdates());
        await InvalidateAsync("""{"update_type": "incremental", "names": ["rooms"]}""");
        Assert.Equal(["rooms Incremental"], probe.TakeUpdates());
        await InvalidateAsync(
            """{"update_type": "full", "force_incremental_names": ["rooms"], "exclude_names": ["users"]}""");
        Assert.Equal(["rooms Incremental"], probe.TakeUpdates());

        async Task InvalidateAsync(string json) =>
            Assert.Null(await service.DoAsync("control", $$"""{"invalidate_caches": {{json}}}"""));
    }

    [Fact]
    public async Task What_has_no_counterpart_is_taken_without_effect()
    {
        await using TestService service = await TestService.StartAsync(TestService.Control);
        Assert.Null(await service.DoAsync("http_allowed_urls_extra", """{"allowed_urls_extra": ["http://x/"]}"""));
        Assert.Null(await service.DoAsync("write_cache_dumps", """{"names": []}"""));
        Assert.Null(await service.DoAsync("read_cache_dumps", """{"names": []}"""));
    }

    [Fact]
    public async Task Answers_tell_exceptions_only_when_the_middleware_for_it_is_in_the_pipeline()
    {
        const string Failing = "    failing: { path: /failing }\n";
        await using (TestService silent = await TestService.StartAsync(Failing, list => list.Append<FailingHandler>()))
            Assert.Equal("", await BodyAsync(silent));
        await using TestService telling = await TestService.StartAsync(
            Failing + """
                default-server-middleware-pipeline-builder: { append: [testsuite-exceptions-handling-middleware] }
            """,
            list => list.Append<FailingHandler>());
        Assert.Equal(
            """{"code":"500","message":"Internal Server Error","details":"out of tea"}""", await BodyAsync(telling));

        static async Task<string> BodyAsync(TestService service)
        {
            using HttpResponseMessage response =
                await service.Http.GetAsync(new Uri(service.Url, "/failing"), TestService.Patience);
            Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
            return await response.Content.ReadAsStringAsync(TestService.Patience);
        }
    }

    [Fact]
    public async Task A_section_as_the_hooks_of_userver_write_it_is_taken()
    {
        await using TestService service = await TestService.StartAsync("""
                testsuite-support:
                  testsuite-periodic-update-enabled: false
                  testsuite-periodic-dumps-enabled: false
                  testsuite-tasks-enabled: true
                  testsuite-increased-timeout: 30s
                  cache-update-execution: sequential
                  testsuite-pg-execute-timeout: 35s
                  testsuite-pg-statement-timeout: 30s
                  testsuite-pg-readonly-master-expected: true
                  testsuite-redis-timeout-connect: 40s
                  testsuite-redis-timeout-single: 30s
                  testsuite-redis-timeout-all: 30s
                  testsuite-grpc-is-tls-enabled: false
                  testsuite-grpc-client-timeout-ms: 30000
                tests-control:
                  path: /tests/{action}
                  method: POST
                  task_processor: main-task-processor
                  throttling_enabled: false
                  load-enabled: true
                  testpoint-url: http://localhost:1/testpoint
                  testpoint-timeout: 10s
                  skip-unregistered-testpoints: true
                default-server-middleware-pipeline-builder:
                  append:
                    - testsuite-exceptions-handling-middleware
                http-client:
                  fs-task-processor: fs-task-processor
                  user-agent: $server-name
                  user-agent#fallback: chat
                  threads: 2
                  testsuite-enabled: true
                  testsuite-timeout: 10s
                  testsuite-allowed-url-prefixes:
                    - http://localhost:1/
                dns-client:
                  fs-task-processor: fs-task-processor
            """);
        Assert.Null(await service.DoAsync("control", """
            {
              "testpoints": [], "mock_now": null,
              "invalidate_caches": {"update_type": "full", "force_incremental_names": ["none"], "exclude_names": ["no"]}
            }
            """));
    }

    private sealed class FailingHandler(HandlerConfig config, ComponentContext context)
        : HttpHandler(config, context), INamedComponent
    {
        public static string ComponentName => "failing";

        protected override Task HandleAsync(HttpContext http) => throw new InvalidOperationException("out of tea");
    }

    /// <summary>Offers tests everything there is.</summary>
    private sealed class Probe : INamedComponent, IAsyncDisposable
    {
        private readonly List<string> _updates = [];
        private readonly PeriodicTask _task;

        public Probe(ComponentContext context, TestsuiteSupportComponent? testsuite)
        {
            Context = context;
            _task = new PeriodicTask(context, "probe-task", TimeSpan.FromSeconds(10), Run);
            _task.Start();
            if (testsuite is null) return;
            testsuite.Tasks.Register("once", Run);
            testsuite.Tasks.Register("failing", _ => throw new InvalidOperationException("as it is to"));
            testsuite.Tasks.Register("forever", token => Task.Delay(Timeout.Infinite, token));
            foreach (string name in new[] { "users", "rooms" })
            {
                testsuite.Caches.Register(name, (update, _) =>
                {
                    lock (_updates) _updates.Add($"{name} {update}");
                    return Task.CompletedTask;
                });
            }
        }

        public static string ComponentName => "probe";

        public ComponentContext Context { get; }

        public SemaphoreSlim Ran { get; } = new(0);

        public bool Fails { get; set; }

        public string[] TakeUpdates()
        {
            lock (_updates)
            {
                string[] taken = [.. _updates];
                _updates.Clear();
                return taken;
            }
        }

        public ValueTask DisposeAsync() => _task.DisposeAsync();

        private Task Run(CancellationToken token)
        {
            Ran.Release();
            return Fails ? throw new InvalidOperationException("as it is to") : Task.CompletedTask;
        }
    }
}
