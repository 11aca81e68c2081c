using System.Net.WebSockets;
using Microsoft.AspNetCore.Http;
using Tideway.Components;
using Tideway.Server;
using Tideway.Tests.Components;
using Tideway.WebSockets.Connections;

namespace Tideway.Tests.Server;

public sealed class ShutdownTests
{
    [Fact]
    public async Task A_handler_that_ignores_the_stop_is_named_with_its_connections_and_cut()
    {
        var log = new LogCapture();
        using var never = new CancellationTokenSource();
        var ids = new System.Collections.Concurrent.ConcurrentQueue<string>();
        Handler stubborn = TestServer.Talk("/ws", async connection =>
        {
            ids.Enqueue(connection.Id);
            await connection.SendTextAsync("here");
            await Task.Delay(Timeout.Infinite, never.Token);
        });
        Handler waits = TestServer.Answer(
            new() { Path = "/wait" }, http => Task.Delay(Timeout.Infinite, http.RequestAborted), "waits");
        Handler idle = TestServer.Answer(new() { Path = "/idle" }, _ => Task.CompletedTask, "idle");
        ServerConfig config = TestServer.Config with { ShutdownTimeout = TimeSpan.FromMilliseconds(200) };
        await using TestServer server = await TestServer.StartAsync(config, log, null, stubborn, waits, idle);
        using ClientWebSocket first = await server.ConnectAsync("/ws"), second = await server.ConnectAsync("/ws");
        foreach (ClientWebSocket client in new[] { first, second })
            await client.ReceiveAsync(new byte[10], TestServer.Patience);
        await server.StatusOfAsync("/idle");

        await server.Server.StopAsync(TestServer.Patience);

        string line = Assert.Single(log.Of("server"), text => text.Contains("has not ended", StringComparison.Ordinal));
        Assert.StartsWith(
            "Handler 'talk' has not ended in time (shutdown-timeout), connections cut: 2 (",
            line,
            StringComparison.Ordinal);
        Assert.All(ids, id => Assert.Contains(id, line, StringComparison.Ordinal));
        await never.CancelAsync();
    }

    [Theory]
    [InlineData("handler")]
    [InlineData("closing")]
    [InlineData("handshake")]
    public async Task A_stop_is_over_in_time_whatever_blocks(string what)
    {
        var log = new LogCapture();
        using var goOn = new ManualResetEventSlim();
        var stubborn = new Stubborn(what, goOn);
        ServerConfig config = TestServer.Config with { ShutdownTimeout = TimeSpan.FromMilliseconds(200) };
        await using TestServer server = await TestServer.StartAsync(config, log, null, stubborn);
        try
        {
            Task<ClientWebSocket> connecting = server.ConnectAsync("/stubborn");
            await stubborn.Begun.WaitAsync(TestServer.Patience);
            await server.Server.StopAsync(default).WaitAsync(TestServer.Patience);
            Assert.Single(
                log.Of("server"),
                text => text.StartsWith(
                    "Handler 'stubborn' has not ended in time (shutdown-timeout), connections cut: 1 (",
                    StringComparison.Ordinal));
            await Task.WhenAny(connecting);
        }
        finally
        {
            goOn.Set();
        }
    }

    [Fact]
    public async Task A_stop_within_the_limit_names_nobody()
    {
        var log = new LogCapture();
        Handler polite = TestServer.Talk("/ws", async connection => await connection.ReceiveAsync());
        await using TestServer server = await TestServer.StartAsync(TestServer.Config, log, null, polite);
        using ClientWebSocket client = await server.ConnectAsync("/ws");
        Task stopping = server.Server.StopAsync(TestServer.Patience);
        WebSocketReceiveResult close = await client.ReceiveAsync(new byte[10], TestServer.Patience);
        Assert.Equal(WebSocketCloseStatus.EndpointUnavailable, close.CloseStatus);
        await client.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, TestServer.Patience);
        await stopping;
        Assert.DoesNotContain(log.Of("server"), text => text.Contains("has not ended", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_deadline_before_the_limit_cuts_as_well()
    {
        var log = new LogCapture();
        Handler polite = TestServer.Talk(
            "/ws",
            async connection => await connection.ReceiveAsync(),
            new() { Path = "/ws", CloseTimeout = TimeSpan.FromHours(1) });
        ServerConfig config = TestServer.Config with { ShutdownTimeout = TimeSpan.FromHours(1) };
        await using TestServer server = await TestServer.StartAsync(config, log, null, polite);

        // The peer never answers the close.
        using ClientWebSocket client = await server.ConnectAsync("/ws");
        using var deadline = new CancellationTokenSource();
        Task stopping = server.Server.StopAsync(deadline.Token);
        await client.ReceiveAsync(new byte[10], TestServer.Patience);
        await deadline.CancelAsync();
        await stopping.WaitAsync(TestServer.Patience);
        Assert.Single(
            log.Of("server"), text => text.StartsWith("Handler 'talk' has not ended", StringComparison.Ordinal));
    }

    private sealed class Stubborn(string what, ManualResetEventSlim goOn)
        : WebSocketHandler(new() { Path = "/stubborn" }, new ComponentContext("stubborn"))
    {
        private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Begun => _begun.Task;

        protected override ValueTask<bool> OnHandshakeAsync(HttpContext http, RequestContext request)
        {
            if (what == "handshake") Block();
            return new(true);
        }

        protected override async Task HandleAsync(WebSocketConnection connection, RequestContext request)
        {
            if (what == "handler") Block();
            using CancellationTokenRegistration closing = connection.Closing.Register(Block);
            _begun.SetResult();
            await connection.ReceiveAsync();
        }

        private void Block()
        {
            _begun.TrySetResult();
            goOn.Wait(TestServer.Patience);
        }
    }
}
