using System.Text.Json.Nodes;
using Tideway.Components;
using Tideway.Configuration;

namespace Tideway.Tests.Components;

public sealed class ManagerConfigTests
{
    [Fact]
    public void The_smallest_file_is_complete()
    {
        ManagerConfig config = Bind("components_manager: { components: { server: { listener: { port: 8080 } } } }");

        Assert.Equal("components_manager.components.server", config.Components["server"].Path);
        Assert.Equal(["main-task-processor", "fs-task-processor"], config.TaskProcessors.Keys);
        Assert.Equal("main-task-processor", config.DefaultTaskProcessor);
        Assert.Equal("fs-task-processor", config.BlockingTaskProcessor);
        Assert.Equal(TimeSpan.Zero, config.AcceptingPeriod);
    }

    [Fact]
    public void A_full_file_is_accepted()
    {
        ManagerConfig config = Bind("""
            userver_experiments: [a]
            userver_experiments_force_enabled: true
            components_manager:
              coro_pool: { initial_size: 500, max_size: 1000, stack_size: 65536, local_cache_size: 8,
                           stack_usage_monitor_enabled: false, deadlock_detector: detect-only }
              event_thread_pool: { threads: 2, thread_name: ev }
              mlock_debug_info: false
              disable_phdr_cache: true
              preheat_stacktrace_collector: false
              static_config_validation: { validate_all_components: false }
              graceful_shutdown_interval: 10s
              graceful_shutdown_pending_requests_completion_interval: 1m
              default_task_processor: main-task-processor
              task_processors:
                main-task-processor:
                  worker_threads: 4
                  guess-cpu-limit: true
                  os-scheduling: low-priority
                  spinning-iterations: 10
                  task-processor-queue: work-stealing-task-queue
                  task-trace: { every: 10, max-context-switch-count: 5, logger: tracer }
                monitor-task-processor: { worker_threads: 1, thread_name: mon-worker }
                io-task-processor:
              components:
                handler-ping:
            """);

        Assert.Equal(4, config.TaskProcessors["main-task-processor"].WorkerThreads);
        Assert.Equal("mon-worker", config.TaskProcessors["monitor-task-processor"].ThreadName);
        Assert.Equal("main-task-processor", config.BlockingTaskProcessor);
        Assert.Equal(TimeSpan.FromSeconds(10), config.AcceptingPeriod);
        Assert.Equal(TimeSpan.FromMinutes(1), config.CompletionPeriod);
        Assert.Equal(["handler-ping"], config.Components.Keys);
    }

    [Theory]
    [InlineData("main-task-processor", "main-worker")]
    [InlineData("a-task-processor", "a-worker")]
    [InlineData("abcde-task-processor", "abcde-worker")]
    [InlineData("abcdef-task-processor", null)]
    [InlineData("-task-processor", null)]
    [InlineData("main", null)]
    public void Thread_names_follow_from_short_names(string name, string? expected) =>
        Assert.Equal(expected, new TaskProcessorConfig().ThreadNameFor(name));

    [Theory]
    [InlineData(
        "task_processors: { main-task-processor: , monitor-task-processor: { worker_threads: 1 } }",
        "c:1:65  components_manager.task_processors.monitor-task-processor.thread_name: field is missing, expected "
        + "a string: only names such as 'main-task-processor', with 1 to 5 characters before '-task-processor', "
        + "imply it")]
    [InlineData(
        "task_processors: { io-task-processor: }",
        "c:1:21  components_manager.default_task_processor: no task processor 'main-task-processor' in "
        + "task_processors, expected one of io-task-processor")]
    [InlineData(
        "default_task_processor: man-task-processor",
        "c:1:23  components_manager.default_task_processor: no task processor 'man-task-processor' in "
        + "task_processors, expected one of main-task-processor, fs-task-processor "
        + "(did you mean 'main-task-processor'?)")]
    [InlineData(
        "fs_task_processor: disk",
        "c:1:23  components_manager.fs_task_processor: no task processor 'disk' in task_processors, expected one of "
        + "main-task-processor, fs-task-processor")]
    [InlineData(
        "event_thread_pool: { threads: 0 }",
        "c:1:53  components_manager.event_thread_pool.threads: found '0', expected at least 1")]
    [InlineData(
        "task_processors: { main-task-processor: { task-trace: { every: 1 } } }",
        "c:1:77  components_manager.task_processors.main-task-processor.task-trace.logger: field is missing, "
        + "expected a string")]
    public void A_mistake_is_reported_at_its_place(string manager, string expected)
    {
        var exception = Assert.Throws<ConfigException>(() => Bind($"components_manager: {{ {manager} }}"));

        Assert.Equal(expected, exception.Message);
    }

    [Fact]
    public void The_root_schema_has_a_section_for_each_component()
    {
        JsonObject schema = RootSchema.Compose([("tracer", typeof(Tideway.Compatibility.TracerConfig))]);

        JsonNode components = schema["properties"]!["components_manager"]!["properties"]!["components"]!;
        JsonNode tracer = components["properties"]!["tracer"]!;
        Assert.Equal("https://json-schema.org/draft/2020-12/schema", schema["$schema"]!.GetValue<string>());
        Assert.False(components["additionalProperties"]!.GetValue<bool>());
        Assert.True(tracer["properties"]!["load-enabled"]!["default"]!.GetValue<bool>());
        Assert.Equal("native", tracer["properties"]!["tracer"]!["default"]!.GetValue<string>());
    }

    [Fact]
    public void A_component_that_is_not_loaded_may_lack_what_it_requires()
    {
        JsonObject schema = RootSchema.Compose([("page", typeof(Tideway.Server.HandlerConfig))]);

        JsonNode components = schema["properties"]!["components_manager"]!["properties"]!["components"]!;
        JsonNode page = components["properties"]!["page"]!;
        Assert.Null(page["allOf"]);
        Assert.False(page["if"]!["properties"]!["load-enabled"]!["const"]!.GetValue<bool>());
        Assert.Equal("path", page["else"]!["allOf"]![0]!["anyOf"]![0]!["required"]![0]!.GetValue<string>());
    }

    [Fact]
    public void Every_option_of_the_root_is_described() =>
        Assert.DoesNotContain("|  |\n", OptionTable.For(typeof(RootConfig)), StringComparison.Ordinal);

    private static ManagerConfig Bind(string yaml) =>
        ConfigBinder.Bind<RootConfig>(ConfigLoader.Parse(yaml, "c")).ComponentsManager;
}
