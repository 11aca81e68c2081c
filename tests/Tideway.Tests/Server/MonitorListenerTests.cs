using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Tideway.Server;

namespace Tideway.Tests.Server;

public sealed class MonitorListenerTests
{
    private static readonly Handler _hello =
        TestServer.Answer(new() { Path = "/hello" }, _ => Task.CompletedTask, "hello");

    private static readonly Handler _stats = TestServer.Answer(
        new() { Path = "/stats", Method = "POST", MonitorHandler = true },
        http => http.Request.Body.CopyToAsync(Stream.Null),
        "stats");

    [Fact]
    public async Task Monitor_handlers_are_served_on_the_monitor_listener_only_and_others_never_there()
    {
        ListenerConfig monitor = TestServer.Loopback with { HandlerDefaults = new() { MaxRequestSize = 10 } };
        await using TestServer server =
            await TestServer.StartAsync(TestServer.Config with { ListenerMonitor = monitor }, _hello, _stats);
        var other = new Uri(server.Server.MonitorAddresses.Single());
        Assert.NotEqual(server.Port, other.Port);

        Assert.Equal(HttpStatusCode.OK, await server.StatusOfAsync("/hello"));
        Assert.Equal(HttpStatusCode.NotFound, await server.StatusOfAsync("/stats"));
        using HttpResponseMessage elsewhere = await server.Http.GetAsync(new Uri(other, "/hello"), TestServer.Patience);
        Assert.Equal(HttpStatusCode.NotFound, elsewhere.StatusCode);

        // It has handler-defaults of its own.
        foreach ((int length, int status) in new[] { (10, 200), (11, 413) })
        {
            using var content = new ByteArrayContent(new byte[length]);
            using HttpResponseMessage response =
                await server.Http.PostAsync(new Uri(other, "/stats"), content, TestServer.Patience);
            Assert.Equal(status, (int)response.StatusCode);
        }
    }

    [Fact]
    public async Task The_monitor_answers_while_connections_of_the_service_are_still_closing()
    {
        var ended = new TaskCompletionSource();
        Handler slow = TestServer.Talk("/ws", async connection =>
        {
            await connection.ReceiveAsync();
            await ended.Task;
        });
        Handler up = TestServer.Answer(new() { Path = "/up", MonitorHandler = true }, _ => Task.CompletedTask, "up");
        await using TestServer server =
            await TestServer.StartAsync(TestServer.Config with { ListenerMonitor = TestServer.Loopback }, slow, up);
        Uri monitor = new(server.Server.MonitorAddresses.Single());
        using var client = await server.ConnectAsync("/ws");
        Task stopping = server.Server.StopAsync(TestServer.Patience);
        await client.ReceiveAsync(new byte[10], TestServer.Patience);
        using HttpResponseMessage response = await server.Http.GetAsync(new Uri(monitor, "/up"), TestServer.Patience);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.False(stopping.IsCompleted);
        ended.SetResult();
        await client.CloseOutputAsync(
            System.Net.WebSockets.WebSocketCloseStatus.NormalClosure, null, TestServer.Patience);
        await stopping;
    }

    [Fact]
    public void A_monitor_handler_without_a_monitor_listener_is_refused()
    {
        var error = Assert.Throws<InvalidOperationException>(
            () => new HttpServer(TestServer.Config, [_stats], NullLoggerFactory.Instance));
        Assert.Equal(
            "'stats' has monitor-handler: true, but there is no listener-monitor to serve it on", error.Message);
    }
}
