using Tideway.Components;
using Tideway.Configuration;
using Tideway.Server;
using Tideway.Tests.Configuration;

namespace Tideway.Tests.Server;

public sealed class SectionChecksTests
{
    [Fact]
    public void What_sections_say_of_each_other_is_checked_with_places()
    {
        var error = Assert.Throws<ConfigException>(() => Load("""
            components_manager:
              components:
                logging:
                  loggers:
                    access: { file_path: '@stdout' }
                server:
                  listener: { port: 0 }
                  logger_access: acess
                  logger_access_tskv: ''
                handler-ping:
                  path: /ping
                  monitor-handler: true
            """));
        const string Components = "components_manager.components";
        Assert.Equal(
            [
                (8, $"{Components}.server.logger_access",
                    "no logger 'acess' in logging.loggers (did you mean 'access'?)"),
                (12, $"{Components}.handler-ping.monitor-handler",
                    "there is no server.listener-monitor to serve the handler on"),
            ],
            error.Problems.Select(problem => (problem.Location.Line, problem.Path, problem.Message)));
    }

    [Fact]
    public void A_task_processor_that_does_not_exist_is_a_problem_where_it_is_named()
    {
        var error = Assert.Throws<ConfigException>(() => Load("""
            components_manager:
              task_processors:
                main-task-processor: { worker_threads: 1 }
                chat-task-processor: { worker_threads: two }
              components:
                server:
                  listener: { port: 0, task_processor: net-task-processor }
                  listener-monitor: { port: 0, task_processor: main-task-procesor }
                handler-ping:
                  path: /ping
                  task_processor: chatt-task-processor
                second: { path: /second, task_processor: chat-task-processor }
            """,
            "second"));
        const string Components = "components_manager.components";
        const string Known = "in task_processors, expected one of main-task-processor, chat-task-processor";
        Assert.Equal(
            [
                (7, $"{Components}.server.listener.task_processor", $"no task processor 'net-task-processor' {Known}"),
                (8, $"{Components}.server.listener-monitor.task_processor",
                    $"no task processor 'main-task-procesor' {Known} (did you mean 'main-task-processor'?)"),
                (11, $"{Components}.handler-ping.task_processor",
                    $"no task processor 'chatt-task-processor' {Known} (did you mean 'chat-task-processor'?)"),
            ],
            error.Problems.Where(problem => problem.Location.Line != 4)
                .Select(problem => (problem.Location.Line, problem.Path, problem.Message)));
    }

    [Fact]
    public void Routes_that_could_not_be_reached_are_problems_at_their_paths()
    {
        var error = Assert.Throws<ConfigException>(() => Load("""
            components_manager:
              components:
                server: { listener: { port: 0 }, listener-monitor: { port: 0 } }
                handler-ping: { path: '/{id}' }
                second: { path: '/{Name}/' }
                third: { path: '/{' }
                fourth: { path: '/{id}', method: POST }
                fifth: { path: '/{id}', monitor-handler: true }
                sixth: { pat: '/{id}' }
            """,
            "second", "third", "fourth", "fifth", "sixth"));

        Assert.Equal([(5, "second"), (6, "third"), (9, "sixth"), (9, "sixth")], error.Problems.Select(Place));
        Assert.Equal("'second' and 'handler-ping' both answer GET /{Name}/", error.Problems[0].Message);
        Assert.StartsWith("'third' cannot answer '/{': ", error.Problems[1].Message, StringComparison.Ordinal);

        static (int, string) Place(ConfigProblem problem) => (problem.Location.Line, problem.Path.Split('.')[2]);
    }

    [Fact]
    public void What_is_not_loaded_is_not_checked() => Load("""
        components_manager:
          components:
            server:
              listener: { port: 0 }
            handler-ping:
              load-enabled: false
              path: /ping
              monitor-handler: true
        """);

    [Fact]
    public void All_options_of_userver_for_servers_and_handlers_are_known_but_those_that_would_be_missed() => Load("""
        components_manager:
          task_processors:
            main-task-processor: { worker_threads: 1 }
            monitor-task-processor: { worker_threads: 1, thread_name: mon-worker }
          components:
            server:
              listener:
                port: 0
                task_processor: main-task-processor
                backlog: 100
                shards: 2
                max_connections: 10
                connection: { in_buffer_size: 1, requests_queue_size_threshold: 1, keepalive_timeout: 10 }
                handler-defaults:
                  max_url_size: 100
                  max_request_size: 1
                  max_headers_size: 100
                  parse_args_from_body: true
              listener-monitor: { port: 0, task_processor: monitor-task-processor }
              logger_access: ''
              logger_access_tskv: ''
              max_response_size_in_flight: 100000000
              server-name: x
              set-response-server-hostname: true
            handler-ping:
              path: /ping
              method: GET
              task_processor: main-task-processor
              throttling_enabled: false
              url_trailing_slash: strict-match
              max_requests_in_flight: 10
              max_requests_per_second: 10
              max_request_size: 1
              max_headers_size: 1
              parse_args_from_body: false
              decompress_request: true
              request_body_size_log_limit: 0
              response_data_size_log_limit: 0
              request_headers_size_log_limit: 0
              set-response-server-hostname: false
              response-body-stream: false
              monitor-handler: true
              set_tracing_headers: false
              deadline_propagation_enabled: false
              deadline_expired_status_code: 504
              log-level: debug
              status-codes-log-level: { '404': info }
        """);

    private static void Load(string yaml, params string[] more)
    {
        using var folder = new TempFolder();
        ComponentList components = ComponentList.MinimalServer().Append<PingHandler>();
        foreach (string name in more) components.Append<PingHandler>(name);
        ServiceConfig.Load(folder.Write("c.yaml", yaml), new ConfigLoadOptions(), components);
    }
}
