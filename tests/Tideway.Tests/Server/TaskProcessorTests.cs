using System.Net.WebSockets;
using System.Text;
using Microsoft.AspNetCore.Http;
using Tideway.Components;
using Tideway.Server;
using Tideway.Tests.Components;

namespace Tideway.Tests.Server;

public sealed class TaskProcessorTests
{
    private static readonly ManagerConfig _manager = new()
    {
        TaskProcessors = new Dictionary<string, TaskProcessorConfig>
        {
            ["main-task-processor"] = new() { WorkerThreads = 2 },
            ["slow-task-processor"] = new() { WorkerThreads = 1, ThreadName = "slow-lane" },
            ["idle-task-processor"] = new() { WorkerThreads = 1 },
        },
    };

    [Fact]
    public async Task A_handler_runs_on_the_task_processor_that_it_names_also_when_its_listener_has_another()
    {
        using var processors = new TaskProcessors(new ComponentContext("main") { Manager = _manager });
        Handler here = TestServer.Talk(
            "/here", connection => connection.SendTextAsync(Thread.CurrentThread.Name!).AsTask());
        Handler there = TestServer.Talk(
            "/there",
            async connection =>
            {
                await Task.Delay(1); // Comes back to the loop.
                await connection.SendTextAsync(Thread.CurrentThread.Name!);
            },
            new() { Path = "", TaskProcessor = "slow-task-processor" });
        Handler page = TestServer.Answer(
            new() { Path = "/page", TaskProcessor = "slow-task-processor" },
            http => http.Response.WriteAsync(Thread.CurrentThread.Name!));
        await using var server = new TestServer(
            new HttpServer(TestServer.Config, [here, there, page], new LogCapture(), processors: processors));
        await server.Server.StartAsync(TestServer.Patience);

        Assert.StartsWith("main-worker_", await FirstMessageAsync(server, "/here"), StringComparison.Ordinal);
        Assert.Equal("slow-lane_0", await FirstMessageAsync(server, "/there"));
        using HttpResponseMessage answer = await server.GetAsync("/page");
        Assert.Equal("slow-lane_0", await answer.Content.ReadAsStringAsync(TestServer.Patience));
        Assert.Equal(
            ["main-task-processor", "slow-task-processor"], processors.Started.Select(group => group.Name).Order());
    }

    [Fact]
    public void A_task_processor_that_does_not_exist_is_named()
    {
        using var processors = new TaskProcessors(new ComponentContext("main") { Manager = _manager });
        var error = Assert.Throws<InvalidOperationException>(() => processors.Get("fast-task-processor"));
        Assert.Contains(
            "no task processor 'fast-task-processor', expected one of main-", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_handler_that_blocks_its_loop_is_named_and_its_neighbors_go_on_afterwards()
    {
        var log = new LogCapture();
        using var goOn = new ManualResetEventSlim();
        var manager = new ManagerConfig
        {
            TaskProcessors = new Dictionary<string, TaskProcessorConfig>
            {
                ["main-task-processor"] = new() { WorkerThreads = 1 },
            },
        };
        using var processors = new TaskProcessors(
            new ComponentContext("main") { Manager = manager, LoggerFactory = log });
        Handler talk = TestServer.Talk("/talk", async connection =>
        {
            await connection.ReceiveAsync();
            goOn.Wait(TestServer.Patience);
            await connection.SendTextAsync("done");
        });
        await using var server = new TestServer(new HttpServer(TestServer.Config, [talk], log, processors: processors));
        await server.Server.StartAsync(TestServer.Patience);
        using ClientWebSocket client = await server.ConnectAsync("/talk");
        await client.SendAsync("go"u8.ToArray(), WebSocketMessageType.Text, true, TestServer.Patience);

        while (!log.Of("task-processors").Any(line => line.Contains("talk, connection c", StringComparison.Ordinal)))
            await Task.Delay(10, TestServer.Patience);
        goOn.Set();

        Assert.Equal("done", await TextAsync(client));
        Assert.Single(log.Of("task-processors"));
    }

    [Theory]
    [InlineData(ListenerTransport.Kestrel)]
    [InlineData(ListenerTransport.EventLoop)]
    public async Task A_listener_says_what_carries_its_connections(ListenerTransport transport)
    {
        Handler talk = TestServer.Talk(
            "/talk", connection => connection.SendTextAsync(Thread.CurrentThread.Name!).AsTask());
        ServerConfig config = TestServer.Config with { Listener = TestServer.Loopback with { Transport = transport } };
        await using TestServer server = await TestServer.StartAsync(config, talk);

        string thread = await FirstMessageAsync(server, "/talk");

        Assert.Equal(
            transport == ListenerTransport.EventLoop, thread.StartsWith("main-worker_", StringComparison.Ordinal));
    }

    private static async Task<string> FirstMessageAsync(TestServer server, string path)
    {
        using ClientWebSocket client = await server.ConnectAsync(path);
        return await TextAsync(client);
    }

    private static async Task<string> TextAsync(ClientWebSocket client)
    {
        byte[] buffer = new byte[100];
        WebSocketReceiveResult result = await client.ReceiveAsync(buffer, TestServer.Patience);
        return Encoding.UTF8.GetString(buffer, 0, result.Count);
    }
}
