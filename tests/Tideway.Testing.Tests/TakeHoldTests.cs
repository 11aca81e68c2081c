using System.Text.Json.Nodes;
using ProbeService;
using Tideway.Testing.Logs;
using Tideway.Testing.Testpoints;
using Tideway.Testing.WebSockets;
using Tideway.Testing.Wire;

namespace Tideway.Testing.Tests;

/// <summary>Everything with which a test takes hold of a service: clock, config, testpoints, metrics, log,
/// mocks.</summary>
public abstract class TakeHoldTests(ServiceFixture service)
{
    // snippet: clock
    [Fact]
    public async Task A_client_that_answers_no_ping_is_cut()
    {
        await service.Clock.FreezeAsync();
        await using var chat = await service.WebSocketClient.ConnectAsync(
            "/chat", new StrictWebSocketOptions { AnswersPings = false });
        await service.Clock.AdvanceAsync(TimeSpan.FromSeconds(20)); // ping-interval
        await chat.ReceivePingAsync();
        await service.Clock.AdvanceAsync(TimeSpan.FromSeconds(10)); // ping-timeout
        Assert.Equal(ReceivedClose.NoFrame, (await chat.ReceiveCloseAsync()).Code);
    }
    // end

    [Fact]
    public async Task A_client_that_answers_pings_stays()
    {
        await service.Clock.FreezeAsync();
        await using var chat = await service.WebSocketClient.ConnectAsync("/chat");
        for (int i = 0; i < 10; i++)
        {
            await service.Clock.AdvanceAsync(TimeSpan.FromSeconds(20));
            await chat.ReceivePingAsync();
            await chat.SendAsync("still there");
            Assert.Equal("still there", await chat.ReceiveTextAsync());
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_clock_stands_moves_and_is_the_real_one_for_the_next_test(int test)
    {
        Assert.Null(service.Clock.Now);
        DateTimeOffset before = DateTimeOffset.UtcNow;
        Assert.InRange(await TimeAsync(), before.AddSeconds(-1), before.AddMinutes(5));

        var noon = new DateTimeOffset(2030, 1, 31, 12, 0, 0, TimeSpan.Zero);
        await service.Clock.FreezeAsync(noon);
        Assert.Equal(noon, await TimeAsync());
        await service.Clock.AdvanceAsync(TimeSpan.FromHours(test));
        Assert.Equal(noon.AddHours(test), await TimeAsync());
        Assert.Equal(noon.AddHours(test), await TimeAsync());

        async Task<DateTimeOffset> TimeAsync() =>
            DateTimeOffset.Parse(await service.ServiceClient.GetStringAsync("/probe?what=time"));
    }

    // snippet: dynamic-config
    [Theory]
    [InlineData(3)]
    [InlineData(4)]
    public async Task A_limit_is_changed_for_one_test(int limit)
    {
        await using var chat = await service.WebSocketClient.ConnectAsync("/chat");
        await chat.SendAsync("hello"); // whichever test came before, the limit is the service's own
        Assert.Equal("hello", await chat.ReceiveTextAsync());

        await service.DynamicConfig.SetAsync(ChatHandler.LongestMessage, limit);
        await chat.SendAsync("hello"); // the connection is open already
        Assert.Equal(1008, (await chat.ReceiveCloseAsync()).Code);
    }
    // end

    [Fact]
    public async Task A_value_that_the_service_refuses_changes_nothing()
    {
        InvalidOperationException refusal = await Assert.ThrowsAsync<InvalidOperationException>(
            () => service.DynamicConfig.SetAsync("PROBE_LONGEST_MESSAGE", "many"));
        Assert.Contains("found the string 'many', expected an integer", refusal.Message, StringComparison.Ordinal);
        refusal = await Assert.ThrowsAsync<InvalidOperationException>(
            () => service.DynamicConfig.SetAsync("PROBE_LONGEST_MASSAGE", 5));
        Assert.Contains("PROBE_LONGEST_MESSAGE", refusal.Message, StringComparison.Ordinal);
        await service.DynamicConfig.SetAsync("PROBE_LONGEST_MESSAGE", 2);
        await service.DynamicConfig.RemoveAsync("PROBE_LONGEST_MESSAGE");
        await using var chat = await service.WebSocketClient.ConnectAsync("/chat");
        await chat.SendAsync("hello");
        Assert.Equal("hello", await chat.ReceiveTextAsync());
    }

    // snippet: testpoint
    [Fact]
    public async Task A_failure_is_injected_inside_the_handler()
    {
        Testpoint received = await service.Testpoints.FailAsync("message-received");
        await using var chat = await service.WebSocketClient.ConnectAsync("/chat");
        await chat.SendAsync("hello");
        JsonNode? data = await received.WaitAsync();
        Assert.Equal("hello", data!["text"]!.GetValue<string>());
        Assert.Equal(1011, (await chat.ReceiveCloseAsync()).Code);
    }
    // end

    [Fact]
    public async Task A_failure_that_is_injected_says_what_the_test_has_it_say()
    {
        await service.Testpoints.FailAsync("message-received", "the disk is full");
        await using var chat = await service.WebSocketClient.ConnectAsync("/chat");
        await chat.SendAsync("hello");
        await chat.ReceiveCloseAsync();
        await service.Log.WaitAsync(
            row => row["exception"]?.Contains("it answered 500: the disk is full", StringComparison.Ordinal) == true);
    }

    [Fact]
    public async Task A_handshake_that_is_refused_is_told_with_its_path()
    {
        HandshakeRefusedException refusal = await Assert.ThrowsAsync<HandshakeRefusedException>(
            () => service.WebSocketClient.ConnectAsync("/chut"));
        Assert.Contains("on /chut: HTTP/1.1 404", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_handler_waits_at_a_testpoint_until_it_is_released()
    {
        Testpoint received = await service.Testpoints.HoldAsync("message-received");
        await using var chat = await service.WebSocketClient.ConnectAsync("/chat");
        await chat.SendAsync("hello");
        await received.WaitAsync();
        Task<string> receiving = chat.ReceiveTextAsync();
        Assert.NotSame(receiving, await Task.WhenAny(receiving, Task.Delay(100)));
        received.Release();
        Assert.Equal("hello", await receiving);
        Assert.Equal(1, received.Calls);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_subscription_ends_with_its_test(int test)
    {
        var seen = new List<string>();
        await using var chat = await service.WebSocketClient.ConnectAsync("/chat");
        await chat.SendAsync("not subscribed yet");
        await chat.ReceiveTextAsync();
        Testpoint received = await service.Testpoints.SubscribeAsync("message-received", data =>
        {
            seen.Add(data!["text"]!.GetValue<string>());
            return null;
        });
        await chat.SendAsync($"test {test}");
        await chat.ReceiveTextAsync();
        Assert.Equal([$"test {test}"], seen);
        Assert.Equal(1, received.Calls);
        await Assert.ThrowsAsync<InvalidOperationException>(
            () => service.Testpoints.SubscribeAsync("message-received"));
    }

    // snippet: metric
    [Fact]
    public async Task A_message_is_counted_once()
    {
        await using var chat = await service.WebSocketClient.ConnectAsync("/chat");
        var changes = await service.MonitorClient.DiffAsync(async () =>
        {
            await chat.SendAsync("hello");
            await chat.ReceiveTextAsync();
        });
        Assert.Equal(1, changes["tideway.websocket.messages.received", ("handler", "chat-handler")]);
        Assert.Equal(0, changes["tideway.websocket.messages.received", ("handler", "stubborn-handler")]);
    }
    // end

    [Fact]
    public async Task Metrics_are_found_by_name_and_labels_or_missed_with_those_there_are()
    {
        const string Open = "tideway.websocket.connections.open";
        await using (await service.WebSocketClient.ConnectAsync("/chat"))
            await service.MonitorClient.WaitAsync(Open, 1, ("handler", "chat-handler"));
        await service.MonitorClient.WaitAsync(Open, 0);
        KeyNotFoundException missed = await Assert.ThrowsAsync<KeyNotFoundException>(
            () => service.MonitorClient.ValueAsync(Open, ("handler", "chut-handler")));
        Assert.Contains("handler=chat-handler", missed.Message, StringComparison.Ordinal);
        missed = await Assert.ThrowsAsync<KeyNotFoundException>(
            () => service.MonitorClient.ValueAsync("tideway.websocket.nothing"));
        Assert.Contains("tideway.websocket.nothing", missed.Message, StringComparison.Ordinal);
        Assert.Contains(Open, missed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_metric_that_is_not_there_yet_is_waited_for()
    {
        Task waiting = service.MonitorClient.WaitAsync("probe.questions", 1, ("by", "a new one"));
        await service.ServiceClient.GetStringAsync("/probe?what=time&by=a%20new%20one");
        await waiting;
    }

    // snippet: log
    [Fact]
    public async Task What_a_connection_does_is_logged_with_its_address()
    {
        await using var chat = await service.WebSocketClient.ConnectAsync("/chat");
        await using var other = await service.WebSocketClient.ConnectAsync("/chat");
        await other.SendAsync("hello");
        await chat.SendAsync("hi");
        await service.Log.WaitAsync(("remote", $"{chat.LocalEndPoint}"), ("length", "2"), ("level", "DEBUG"));
    }
    // end

    [Fact]
    public async Task All_that_is_logged_meanwhile_is_captured_and_nothing_else()
    {
        await using var chat = await service.WebSocketClient.ConnectAsync("/chat");
        await EchoAsync("before");
        IReadOnlyList<LogRow> rows = await service.Log.CaptureAsync(async () =>
        {
            for (int i = 1; i <= 100; i++) await EchoAsync(new string('x', i));
        });
        await EchoAsync("behind");
        Assert.Equal(
            Enumerable.Range(1, 100).Select(length => $"{length}"),
            rows.Where(row => row.Module == "chat-handler").Select(row => row["length"]));
        await Assert.ThrowsAsync<OperationCanceledException>(
            () => service.Log.WaitAsync(_ => throw new OperationCanceledException()));

        async Task EchoAsync(string text)
        {
            await chat.SendAsync(text);
            await chat.ReceiveTextAsync();
        }
    }

    [Fact]
    public async Task The_log_of_a_test_has_nothing_of_the_test_before()
    {
        Assert.DoesNotContain(service.Log.Rows, row => row.Module == "chat-handler");
        await using var chat = await service.WebSocketClient.ConnectAsync("/chat");
        await chat.SendAsync("hello");
        await service.Log.WaitAsync(("module", "chat-handler"));
    }

    // snippet: mock
    [Fact]
    public async Task What_the_service_asks_of_another_one_is_answered()
    {
        var orders = service.MockServer.Answer("/orders/7", new JsonObject { ["state"] = "paid" });
        Assert.Equal("{\"state\":\"paid\"}", await service.ServiceClient.GetStringAsync("/probe?what=upstream"));
        Assert.Equal("?full=1", (await orders.WaitAsync()).Query);
        Assert.Equal(1, orders.Calls);
    }
    // end

    [Fact]
    public async Task The_last_mock_on_a_path_answers_and_a_star_takes_all_below()
    {
        service.MockServer.Answer("/orders/*", 1);
        var orders = service.MockServer.Handle("orders/7", (request, http) =>
        {
            Assert.Equal("GET /orders/7?full=1", request.ToString());
            http.Response.StatusCode = 503;
            return Task.CompletedTask;
        });
        using HttpResponseMessage answer = await service.ServiceClient.GetAsync("/probe?what=upstream");
        Assert.Equal(System.Net.HttpStatusCode.InternalServerError, answer.StatusCode);
        Assert.Equal(1, orders.Calls);
    }

    [Fact]
    public async Task A_test_has_the_frames_of_what_it_receives()
    {
        await using var chat = await service.WebSocketClient.ConnectAsync("/chat");
        await chat.SendAsync(new string('x', 250)); // fragment-size is 100
        Assert.Equal([100, 100, 50], (await chat.ReceiveAsync()).Fragments);
        Assert.Equal(
            [Frame.TextOpcode, Frame.ContinuationOpcode, Frame.ContinuationOpcode],
            chat.Frames.Select(frame => frame.Opcode));
    }
}
