using System.Net.WebSockets;
using System.Text.Json.Nodes;
using Tideway.Components;
using Tideway.Server;
using Tideway.WebSockets.Connections;

namespace Tideway.Tests.Testsuite;

/// <summary>Connections under a clock that a test freezes and moves: on event loops, and over streams.</summary>
public sealed class MovedTimeTests
{
    private const string Loops = "";
    private const string Streams = ", transport: kestrel";

    [Theory]
    [InlineData(Loops)]
    [InlineData(Streams)]
    public async Task A_ping_is_due_to_the_millisecond_and_a_peer_that_does_not_answer_is_lost_by_the_next_move(
        string transport)
    {
        await using TestService service = await StartAsync(transport, "ping-interval: 60s, ping-timeout: 30s");
        await MoveAsync(service, "12:00:00");
        var peer = await RawWebSocket.ConnectAsync(service.Url.Port, "/hold");
        await using (peer)
        {
            await MoveAsync(service, "12:00:59.999");
            await MoveAsync(service, "12:01:00");
            Assert.Equal(0x89, (await peer.ReceiveFrameAsync()).First);
            await MoveAsync(service, "12:01:30");
            Assert.Equal(CloseCause.PingTimeout, await Hold.EndOf(service));
            await peer.ReceiveEndAsync();
        }
    }

    [Theory]
    [InlineData(Loops)]
    [InlineData(Streams)]
    public async Task Time_stands_for_a_connection_until_it_is_moved(string transport)
    {
        await using TestService service = await StartAsync(transport, "ping-interval: 50ms, ping-timeout: 50ms");
        await MoveAsync(service, "12:00:00");
        await using var peer = await RawWebSocket.ConnectAsync(service.Url.Port, "/hold");

        // In real time four pings would be due by then, and the end.
        await Task.Delay(TimeSpan.FromMilliseconds(200), TestService.Patience);
        await MoveAsync(service, "12:00:00.050");
        Assert.Equal(0x89, (await peer.ReceiveFrameAsync()).First);
        await service.DoAsync("control", """{"mock_now": null}""");
        Assert.Equal(CloseCause.PingTimeout, await Hold.EndOf(service));
    }

    [Theory]
    [InlineData(Loops)]
    [InlineData(Streams)]
    public async Task Pings_are_sent_and_awaited_in_real_time_while_only_the_wall_time_stands(string transport)
    {
        await using TestService service = await StartAsync(transport, "ping-interval: 50ms, ping-timeout: 50ms");
        await service.DoAsync("control", """{"mock_now": "2026-01-31T12:00:00Z"}""");
        await using var peer = await RawWebSocket.ConnectAsync(service.Url.Port, "/hold");
        Assert.Equal(0x89, (await peer.ReceiveFrameAsync()).First);
        Assert.Equal(CloseCause.PingTimeout, await Hold.EndOf(service));
    }

    [Theory]
    [InlineData(Loops, "idle-timeout: 1h", CloseCause.IdleTimeout)]
    [InlineData(Streams, "idle-timeout: 1h", CloseCause.IdleTimeout)]
    [InlineData(Loops, "max-connection-age: 1h", CloseCause.MaxConnectionAge)]
    [InlineData(Streams, "max-connection-age: 1h", CloseCause.MaxConnectionAge)]
    public async Task A_connection_that_is_idle_or_old_by_the_moved_clock_is_closed_with_1001(
        string transport, string limit, CloseCause cause)
    {
        await using TestService service = await StartAsync(transport, "ping-interval: 0, " + limit);
        await MoveAsync(service, "12:00:00");
        using ClientWebSocket client = await service.ConnectAsync("/hold");
        await client.SendAsync(new byte[1], WebSocketMessageType.Binary, true, TestService.Patience);
        await client.ReceiveAsync(new byte[100], TestService.Patience);
        await MoveAsync(service, "12:59:59.999");
        Assert.False(Hold.EndOf(service).IsCompleted);
        await MoveAsync(service, "13:00:00");
        WebSocketReceiveResult result = await client.ReceiveAsync(new byte[100], TestService.Patience);
        Assert.Equal(WebSocketCloseStatus.EndpointUnavailable, result.CloseStatus);
        await client.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, TestService.Patience);
        Assert.Equal(cause, await Hold.EndOf(service));
    }

    [Theory]
    [InlineData(Loops)]
    [InlineData(Streams)]
    public async Task A_message_that_takes_too_long_by_the_moved_clock_is_closed_with_1008(string transport)
    {
        await using TestService service = await StartAsync(transport, "ping-interval: 0, message-timeout: 1m");
        await MoveAsync(service, "12:00:00");
        await using var peer = await RawWebSocket.ConnectAsync(service.Url.Port, "/hold");
        await peer.SendAsync(0x01, 0x81, 0, 0, 0, 0, (byte)'a'); // Text, not the last of its message.
        await peer.SendAsync(0x89, 0x80, 0, 0, 0, 0); // A ping, whose pong tells that the text is there.
        Assert.Equal(0x8a, (await peer.ReceiveFrameAsync()).First);

        await MoveAsync(service, "12:00:59.999");
        await MoveAsync(service, "12:01:00");
        (byte first, byte[] payload) = await peer.ReceiveFrameAsync();
        Assert.Equal(0x88, first);
        Assert.Equal([0x03, 0xf0], payload[..2]);
    }

    [Fact]
    public async Task A_service_stops_in_real_time_though_its_clock_stands()
    {
        TestService service = await StartAsync(Loops, "close-timeout: 100ms");
        await MoveAsync(service, "12:00:00");
        await using var peer = await RawWebSocket.ConnectAsync(service.Url.Port, "/hold");

        // The peer never answers the close frame.
        await service.DisposeAsync();
        Assert.Equal(0x88, (await peer.ReceiveFrameAsync()).First);
    }

    private static Task<TestService> StartAsync(string transport, string limits) => TestService.StartAsync(
        TestService.Control + $$"""
            hold: { path: /hold, {{limits}} }
        """,
        list => list.Append<Hold>(),
        listener: transport);

    private static async Task MoveAsync(TestService service, string time)
    {
        JsonNode? answer = await service.DoAsync(
            "control", $$"""{"mock_now": "2026-01-31T{{time}}Z", "mock_timers": true}""");
        Assert.Null(answer);
    }

    /// <summary>Echoes until its connection ends, and remembers why it did.</summary>
    private sealed class Hold(WebSocketHandlerConfig config, ComponentContext context)
        : WebSocketHandler(config, context), INamedComponent
    {
        private readonly TaskCompletionSource<CloseCause> _ended =
            new(TaskCreationOptions.RunContinuationsAsynchronously);

        public static string ComponentName => "hold";

        public static Task<CloseCause> EndOf(TestService service) =>
            service.System.Find<Hold>()._ended.Task.WaitAsync(TestService.Patience);

        protected override async Task HandleAsync(WebSocketConnection connection, RequestContext request)
        {
            try
            {
                while (await connection.ReceiveAsync() is { IsClose: false } message)
                    await connection.SendAsync(message);
            }
            catch (ConnectionClosedException)
            {
                // The cause says why.
            }

            _ended.TrySetResult(connection.CloseReason!.Cause);
        }
    }
}
