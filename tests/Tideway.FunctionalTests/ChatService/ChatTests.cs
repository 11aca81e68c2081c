using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;

namespace Tideway.FunctionalTests.ChatService;

/// <summary>The chat service as a process: command line, config files, signals, exit codes. What it says to its clients
/// is tested in <c>samples/ChatService.Tests</c>.</summary>
public sealed class ChatTests
{
    private static CancellationToken Patience => new CancellationTokenSource(TimeSpan.FromSeconds(60)).Token;

    [Fact]
    public async Task A_stop_closes_every_connection_with_1001_and_exits_0()
    {
        await using ChatProcess service = await ChatProcess.StartAsync();
        ClientWebSocket[] chats = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => service.ConnectAsync()));
        Task<int> exit = service.TerminateAsync();
        foreach (ClientWebSocket chat in chats)
        {
            WebSocketReceiveResult result = await chat.ReceiveAsync(new byte[10], Patience);
            Assert.Equal(WebSocketCloseStatus.EndpointUnavailable, result.CloseStatus);
            await chat.CloseAsync(WebSocketCloseStatus.NormalClosure, null, Patience);
            chat.Dispose();
        }

        Assert.Equal(0, await exit);
    }

    [Fact]
    public async Task A_connection_that_outstays_the_shutdown_timeout_is_named_and_cut()
    {
        // The peer never answers the close, for which it would have a minute.
        await using ChatProcess service = await ChatProcess.StartAsync(ChatProcess.SampleConfig
            .Replace("port: 0", "port: 0\n      shutdown-timeout: 500ms", StringComparison.Ordinal)
            .Replace("method: GET", "method: GET\n      close-timeout: 1m", StringComparison.Ordinal));
        using ClientWebSocket silent = await service.ConnectAsync();
        var clock = System.Diagnostics.Stopwatch.StartNew();
        Assert.Equal(0, await service.TerminateAsync());
        Assert.InRange(clock.Elapsed, TimeSpan.FromMilliseconds(500), TimeSpan.FromSeconds(30));
        const string Expected =
            "text=Handler 'websocket-handler' has not ended in time (shutdown-timeout), connections cut: 1 (";
        Assert.Single(service.Lines, line => line.Contains(Expected, StringComparison.Ordinal));
    }

    [Fact]
    public async Task SIGUSR1_reopens_the_logs()
    {
        string path = Path.Combine(Directory.CreateTempSubdirectory("tideway-").FullName, "log");
        using var collector = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        collector.Bind(new UnixDomainSocketEndPoint(path));
        collector.Listen();
        await using ChatProcess service =
            ChatProcess.Launch(ChatProcess.SampleConfig.Replace("@stderr", "unix:" + path));
        using Socket first = await collector.AcceptAsync(Patience);
        Assert.Contains(
            "text=Listening on", await ReadUntilAsync(first, "components started"), StringComparison.Ordinal);

        await service.SignalAsync("USR1");
        using Socket second = await collector.AcceptAsync(Patience);
        Assert.Contains(
            "level=INFO", await ReadUntilAsync(second, "text=Log files are opened again"), StringComparison.Ordinal);
        Assert.Equal(0, await service.TerminateAsync());
        Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);

        static async Task<string> ReadUntilAsync(Socket socket, string expected)
        {
            string text = "";
            byte[] buffer = new byte[10_000];
            while (!text.Contains(expected, StringComparison.Ordinal))
            {
                int length = await socket.ReceiveAsync(buffer, Patience);
                Assert.True(length > 0, text);
                text += Encoding.UTF8.GetString(buffer, 0, length);
            }

            return text;
        }
    }

    [Fact]
    public async Task Five_mistakes_are_five_lines_with_their_places()
    {
        (int exitCode, string[] lines) = await ChatProcess.RunAsync("""
            components_manager:
              components:
                server:
                  listener:
                    prot: 8080
                    port: eighty
                    max_connections: 0
                websocket-handler:
                  path: /chat
                  max-remote-paylod: 5
                page-handlr: {}
                page-handler:
                  path: /
            """);
        Assert.Equal(1, exitCode);
        Assert.Equal(5, lines.Length);
        foreach ((int number, string expected) in new[]
        {
            (5, "did you mean 'port'?"),
            (6, "server.listener.port"),
            (7, "max_connections"),
            (10, "did you mean 'max-remote-payload'?"),
            (11, "did you mean 'page-handler'?"),
        })
        {
            string place = $"config.yaml:{number}:";
            string line = Assert.Single(lines, line => line.Contains(place, StringComparison.Ordinal));
            Assert.Contains(expected, line, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_start_that_cannot_be_says_why_in_one_line()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        int port = ((IPEndPoint)taken.LocalEndpoint).Port;
        string busy = ChatProcess.SampleConfig.Replace(
            "port: 0", $"address: 127.0.0.1\n        port: {port}", StringComparison.Ordinal);
        string certificate = ChatProcess.SampleConfig.Replace(
            "port: 0",
            "port: 0\n        tls: { cert: nowhere.pem, private-key: nowhere.key }",
            StringComparison.Ordinal);
        string elsewhere = ChatProcess.SampleConfig.Replace(
            "port: 0", "port: 1\n        address: 192.0.2.1", StringComparison.Ordinal);
        foreach ((string config, string[] arguments, string expected) in new (string, string[], string)[]
        {
            (busy, [], "address already in use"),
            (elsewhere, [], "192.0.2.1:1"),
            (certificate, [], "nowhere.pem"),
            ("components_manager: [", [], "config.yaml:"),
            ("", ["-c", "no-such-file.yaml"], "no-such-file.yaml"),
            ("", ["-c", "one.yaml", "-c", "the-last.yaml"], "cannot read 'the-last.yaml'"),
            ("", ["--config_vars", "nothing"], "config_dev.yaml"),
        })
        {
            (int exitCode, string[] lines) = await ChatProcess.RunAsync(config, arguments);
            Assert.True(
                lines is [string line] && line.Contains(expected, StringComparison.OrdinalIgnoreCase),
                string.Join('\n', lines));
            Assert.Equal(1, exitCode);
        }
    }

    [Fact]
    public async Task A_start_that_cannot_be_is_told_to_a_log_file_too()
    {
        string log = Path.GetTempFileName();
        (int exitCode, string[] lines) = await ChatProcess.RunAsync($$"""
            components_manager:
              components:
                server: { listener: { port: 0, tls: { cert: nowhere.pem, private-key: nowhere.key } } }
                websocket-handler: { path: /chat }
                page-handler: { path: / }
                logging: { loggers: { default: { file_path: '{{log}}', format: json } } }
            """);
        string[] logged = await File.ReadAllLinesAsync(log, Patience);
        File.Delete(log);
        Assert.Equal(1, exitCode);
        Assert.Contains("nowhere.pem", Assert.Single(lines), StringComparison.Ordinal);
        Assert.Contains("nowhere.pem", Assert.Single(logged), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_config_of_a_userver_service_starts_it_unchanged()
    {
        await using ChatProcess service = await ChatProcess.StartAsync("""
            components_manager:
                coro_pool:
                    initial_size: 500
                    max_size: 1000
                task_processors:
                    main-task-processor:
                        worker_threads: 4
                    fs-task-processor:
                        thread_name: fs-worker
                        worker_threads: 4
                default_task_processor: main-task-processor
                components:
                    server:
                        listener:
                            port: 0
                            task_processor: main-task-processor
                    logging:
                        fs-task-processor: fs-task-processor
                        loggers:
                            default:
                                file_path: '@stderr'
                                level: debug
                                overflow_behavior: discard
                    tracer:
                        service-name: websocket-service
                    dynamic-config:
                        fs-cache-path: ''
                    dynamic-config-fallbacks:
                        fallback-path: /etc/nowhere/dynamic_config_fallback.json
                    websocket-handler:
                        path: /chat
                        method: GET
                        task_processor: main-task-processor
                        max-remote-payload: 100000
                        fragment-size: 100000
                    page-handler:
                        load-enabled: false
            """);
        using ClientWebSocket chat = await service.ConnectAsync();
        Assert.Equal(WebSocketState.Open, chat.State);
    }

    [Fact]
    public async Task The_schema_describes_the_whole_file()
    {
        (int exitCode, string[] lines) = await ChatProcess.RunAsync("", "--print-config-schema");
        Assert.Equal(0, exitCode);
        using var schema = System.Text.Json.JsonDocument.Parse(string.Join('\n', lines));
        System.Text.Json.JsonElement option = schema.RootElement;
        foreach (string name in new[] { "components_manager", "components", "websocket-handler", "max-remote-payload" })
            option = option.GetProperty("properties").GetProperty(name);
        Assert.Contains("integer", option.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_variables_of_the_dynamic_config_are_printed_with_their_defaults_and_schemas()
    {
        (int exitCode, string[] lines) = await ChatProcess.RunAsync("", "--print-dynamic-config-defaults");
        Assert.Equal(0, exitCode);
        using var defaults = System.Text.Json.JsonDocument.Parse(string.Join('\n', lines));
        Assert.True(defaults.RootElement.GetProperty("USERVER_LOG_REQUEST").GetBoolean());

        (exitCode, lines) = await ChatProcess.RunAsync("", "--print-dynamic-config-schema");
        Assert.Equal(0, exitCode);
        using var schema = System.Text.Json.JsonDocument.Parse(string.Join('\n', lines));
        System.Text.Json.JsonElement variable =
            schema.RootElement.GetProperty("properties").GetProperty("USERVER_LOG_REQUEST");
        Assert.Equal("boolean", variable.GetProperty("type").GetString());
    }
}
