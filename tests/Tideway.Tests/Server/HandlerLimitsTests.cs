using System.Net;
using System.Net.WebSockets;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Tideway.Server;
using Tideway.Tests.DynamicConfig;
using Tideway.WebSockets.Connections;

namespace Tideway.Tests.Server;

/// <summary>Limits of handlers that change while connections are open.</summary>
public sealed class HandlerLimitsTests : IAsyncLifetime
{
    private readonly ValuesOf _values = new(HandlerLimits.Variable);
    private readonly List<WebSocketConnection> _connections = [];
    private readonly TaskCompletionSource _busy = new();
    private readonly SemaphoreSlim _entered = new(0);
    private TestServer _server = null!;

    public async ValueTask InitializeAsync()
    {
        var http = new HttpServer(
            TestServer.Config,
            [
                TestServer.Talk("/echo", EchoAsync, new() { Path = "/echo", MaxRemotePayload = 100 }),
                TestServer.Answer(new() { Path = "/wait" }, WaitAsync, "wait"),
                TestServer.Answer(new() { Path = "/quick" }, _ => Task.CompletedTask, "quick"),
            ],
            _values.Log,
            dynamicConfig: _values.Source);
        await http.StartAsync(TestServer.Patience);
        _server = new TestServer(http);
    }

    public async ValueTask DisposeAsync()
    {
        _busy.TrySetResult();
        await _server.DisposeAsync();
        _values.Dispose();
    }

    [Fact]
    public async Task An_open_connection_takes_larger_messages_and_then_no_more()
    {
        using ClientWebSocket client = await _server.ConnectAsync("/echo");
        Assert.Equal(50, await EchoAsync(client, 50));
        Limit("""{ "max-remote-payload": 10000 }""");
        Assert.Equal(5000, await EchoAsync(client, 5000));
        Limit("""{ "max-remote-payload": 10 }""");
        Assert.Equal(10, await EchoAsync(client, 10));
        Assert.Equal(0, await EchoAsync(client, 50));
        Assert.Equal(WebSocketCloseStatus.MessageTooBig, client.CloseStatus);
    }

    [Fact]
    public async Task A_message_that_is_under_way_is_held_to_a_lower_limit_from_its_next_frame_on()
    {
        using ClientWebSocket client = await _server.ConnectAsync("/echo");
        await client.SendAsync(new byte[50], WebSocketMessageType.Binary, false, TestServer.Patience);
        Limit("""{ "max-remote-payload": 10 }""");
        await client.SendAsync(Array.Empty<byte>(), WebSocketMessageType.Binary, true, TestServer.Patience);
        WebSocketReceiveResult received = await client.ReceiveAsync(new byte[100], TestServer.Patience);
        Assert.Equal(WebSocketCloseStatus.MessageTooBig, received.CloseStatus);
    }

    [Fact]
    public async Task What_is_not_limited_any_more_is_as_the_static_config_has_it()
    {
        using ClientWebSocket client = await _server.ConnectAsync("/echo");
        Limit("""{ "max-remote-payload": 10000 }""");
        Assert.Equal(5000, await EchoAsync(client, 5000));
        Assert.Null(_values.Apply("{}"));
        Assert.Equal(0, await EchoAsync(client, 101));
        Assert.Equal(WebSocketCloseStatus.MessageTooBig, client.CloseStatus);
    }

    [Fact]
    public async Task An_open_connection_is_pinged_at_the_new_interval_and_closed_when_it_is_idle()
    {
        using ClientWebSocket client = await _server.ConnectAsync("/echo");
        Assert.Equal(5, await EchoAsync(client, 5));
        Limit("""{ "ping-interval": "20ms", "ping-timeout": 0 }""");

        // The client answers pings only while it receives; the server counts those that are not answered.
        while (_connections[0].UnansweredPings == 0) await Task.Delay(5, TestServer.Patience);
        Limit("""{ "idle-timeout": "50ms" }""");
        WebSocketReceiveResult received = await client.ReceiveAsync(new byte[1], TestServer.Patience);
        Assert.Equal(WebSocketMessageType.Close, received.MessageType);
        Assert.Equal(WebSocketCloseStatus.EndpointUnavailable, client.CloseStatus);
    }

    [Fact]
    public async Task An_open_connection_is_held_to_the_new_rate()
    {
        using ClientWebSocket client = await _server.ConnectAsync("/echo");
        Assert.Equal(5, await EchoAsync(client, 5));
        Limit("""{ "max-messages-per-second": 1 }""");
        for (int i = 0; i < 3; i++) Assert.Equal(i, await EchoAsync(client, i));
        Assert.InRange(_connections[0].TimesThrottled, 1, 3);
        Assert.Null(_values.Apply("{}"));
        long before = _connections[0].TimesThrottled;
        for (int i = 0; i < 100; i++) Assert.Equal(1, await EchoAsync(client, 1));
        Assert.Equal(before, _connections[0].TimesThrottled);
    }

    [Fact]
    public async Task No_more_connections_are_taken_than_the_new_limit_says_and_open_ones_stay()
    {
        using ClientWebSocket first = await _server.ConnectAsync("/echo");
        using ClientWebSocket second = await _server.ConnectAsync("/echo");

        // A client has its 101 before the handler has its connection; an answer shows that both are counted.
        Assert.Equal(1, await EchoAsync(first, 1));
        Assert.Equal(1, await EchoAsync(second, 1));
        Limit("""{ "max-connections": 1 }""");
        var refused = await Assert.ThrowsAsync<WebSocketException>(() => _server.ConnectAsync("/echo"));
        Assert.Contains("503", refused.Message, StringComparison.Ordinal);
        Assert.Equal(5, await EchoAsync(second, 5));
        Assert.Null(_values.Apply("{}"));
        using ClientWebSocket third = await _server.ConnectAsync("/echo");
        Assert.Equal(5, await EchoAsync(third, 5));
    }

    [Fact]
    public async Task Messages_leave_in_fragments_of_the_new_size()
    {
        using ClientWebSocket client = await _server.ConnectAsync("/echo");
        Limit("""{ "fragment-size": 10 }""");
        await client.SendAsync(new byte[25], WebSocketMessageType.Binary, true, TestServer.Patience);
        var sizes = new List<int>();
        WebSocketReceiveResult piece;
        do
        {
            piece = await client.ReceiveAsync(new byte[100], TestServer.Patience);
            sizes.Add(piece.Count);
        }
        while (!piece.EndOfMessage);
        Assert.Equal(25, sizes.Sum());
        Assert.True(sizes.Count > 1);
    }

    [Fact]
    public async Task Requests_in_flight_and_in_a_second_are_limited_and_let_free_again()
    {
        // Who is served before there is a limit is not counted.
        Task<HttpStatusCode> before = _server.StatusOfAsync("/wait");
        await _entered.WaitAsync(TestServer.Patience);
        Assert.Null(_values.Apply("""
            { "TIDEWAY_HANDLER_LIMITS": {
                "wait": { "max_requests_in_flight": 1 }, "quick": { "max_requests_per_second": 1 } } }
            """));
        Task<HttpStatusCode> first = _server.StatusOfAsync("/wait");
        await _entered.WaitAsync(TestServer.Patience);
        Assert.Equal(HttpStatusCode.TooManyRequests, await _server.StatusOfAsync("/wait"));
        HttpStatusCode[] quick = [await _server.StatusOfAsync("/quick"), await _server.StatusOfAsync("/quick")];
        Assert.Contains(HttpStatusCode.TooManyRequests, quick);
        Assert.Null(_values.Apply("{}"));
        Assert.Equal(HttpStatusCode.OK, await _server.StatusOfAsync("/quick"));
        _busy.SetResult();
        Assert.Equal(HttpStatusCode.OK, await first);
        Assert.Equal(HttpStatusCode.OK, await before);
    }

    [Fact]
    public void A_handler_that_does_not_exist_is_told_and_a_wrong_limit_refused()
    {
        Assert.Null(_values.Apply("""{ "TIDEWAY_HANDLER_LIMITS": { "tlak": {} } }"""));
        Assert.Equal(
            "TIDEWAY_HANDLER_LIMITS: there is no handler tlak", Assert.Single(_values.Log.At(LogLevel.Warning)));
        Assert.EndsWith(
            "TIDEWAY_HANDLER_LIMITS.talk.max-remote-payload: found -1, expected at least 0",
            _values.Apply("""{ "TIDEWAY_HANDLER_LIMITS": { "talk": { "max-remote-payload": -1 } } }"""),
            default);
    }

    [Fact]
    public async Task Ten_thousand_changes_lose_no_message_of_open_connections()
    {
        ClientWebSocket[] clients =
            [.. await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => _server.ConnectAsync("/echo")))];
        using var stop = new CancellationTokenSource();
        Task[] talks = [.. clients.Select(client => Task.Run(async () =>
        {
            for (int i = 1; !stop.IsCancellationRequested; i++) Assert.Equal(i % 90, await EchoAsync(client, i % 90));
        }))];
        for (int i = 0; i < 10_000; i++)
        {
            Limit($$"""
                { "max-remote-payload": {{100 + i}}, "fragment-size": {{i % 40}}, "send-backlog-limit": {{1 + i}} }
                """);
        }

        await stop.CancelAsync();
        await Task.WhenAll(talks);
        foreach (ClientWebSocket client in clients) client.Dispose();
    }

    private static async Task<int> EchoAsync(ClientWebSocket client, int size)
    {
        await client.SendAsync(new byte[size], WebSocketMessageType.Binary, true, TestServer.Patience);
        byte[] buffer = new byte[10_000];
        int length = 0;
        while (true)
        {
            WebSocketReceiveResult piece =
                await client.ReceiveAsync(new ArraySegment<byte>(buffer, length, 10_000 - length), TestServer.Patience);
            length += piece.Count;
            if (piece.EndOfMessage) return length;
        }
    }

    private Task WaitAsync(HttpContext http)
    {
        _entered.Release();
        return _busy.Task;
    }

    private async Task EchoAsync(WebSocketConnection connection)
    {
        lock (_connections) _connections.Add(connection);
        while (await connection.ReceiveAsync() is { IsClose: false } message) await connection.SendAsync(message);
    }

    private void Limit(string limits) =>
        Assert.Null(_values.Apply($$"""{ "TIDEWAY_HANDLER_LIMITS": { "talk": {{limits}} } }"""));
}
