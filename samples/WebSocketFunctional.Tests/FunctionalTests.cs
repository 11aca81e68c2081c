using System.Net;
using System.Net.Sockets;
using System.Text;
using Tideway.Testing;
using Tideway.Testing.Chaos;
using Tideway.Testing.WebSockets;
using Tideway.Testing.Wire;

namespace WebSocketFunctional.Tests;

/// <summary>What each handler does with its connections, whatever the network does to them.</summary>
public sealed class FunctionalTests(ServiceFixture<FunctionalService> service)
    : IClassFixture<ServiceFixture<FunctionalService>>
{
    /// <summary>The networks between client and service.</summary>
    public static TheoryData<string> Networks => new("direct", "split", "cut", "delayed");

    [Theory, MemberData(nameof(Networks))]
    public async Task A_message_comes_back(string network)
    {
        await using Gate gate = Through(network);
        await using StrictWebSocket chat = await gate.WebSocketClient.ConnectAsync("/chat");
        await chat.SendAsync("hello");
        Assert.Equal("hello", await chat.ReceiveTextAsync());
        Assert.Equal(new ReceivedClose(1000), await chat.CloseAsync());
    }

    [Theory, MemberData(nameof(Networks))]
    public async Task The_service_closes_with_1001_when_it_is_asked_to(string network)
    {
        await using Gate gate = Through(network);
        await using StrictWebSocket chat = await gate.WebSocketClient.ConnectAsync("/chat");
        await chat.SendAsync("close");
        Assert.Equal(new ReceivedClose(1001), await chat.ReceiveCloseAsync());
    }

    [Theory, MemberData(nameof(Networks))]
    public async Task Pings_between_messages_and_their_fragments_are_answered(string network)
    {
        await using Gate gate = Through(network);
        await using StrictWebSocket chat = await gate.WebSocketClient.ConnectAsync("/chat");
        await chat.PingAsync();
        await chat.SendFramesAsync(
            Frame.Text("hel").Unfinished(), Frame.Ping("between"), Frame.Continuation("lo"), Frame.Ping("behind"));
        foreach (string ping in new[] { "between", "behind" })
            Assert.Equal(ping, Encoding.UTF8.GetString(await chat.ReceivePongAsync()));
        Assert.Equal("hello", await chat.ReceiveTextAsync());
    }

    [Theory]
    [InlineData("direct", 200)]
    [InlineData("direct", 50_000)]
    [InlineData("split", 200)]
    [InlineData("cut", 50_000)]
    [InlineData("delayed", 2_000)]
    public async Task Long_messages_come_back_in_fragments_of_ten_bytes(string network, int length)
    {
        await using Gate gate = Through(network);
        await using StrictWebSocket chat = await gate.WebSocketClient.ConnectAsync("/chat");
        string sent = new('x', length);
        await chat.SendAsync(sent);
        WireMessage message = await chat.ReceiveAsync();
        Assert.Equal(sent, message.Text);
        Assert.All(message.Fragments, fragment => Assert.InRange(fragment, 0, 10));
    }

    [Fact]
    public async Task A_thousand_round_trips()
    {
        await using StrictWebSocket chat = await service.WebSocketClient.ConnectAsync("/chat");
        for (int i = 0; i < 1000; i++)
        {
            await chat.SendAsync($"message {i}");
            Assert.Equal($"message {i}", await chat.ReceiveTextAsync());
        }
    }

    [Fact]
    public async Task A_message_beyond_the_limit_closes_with_1009()
    {
        await using StrictWebSocket chat = await service.WebSocketClient.ConnectAsync("/chat");
        await chat.SendAsync(new string('x', 500_000));
        Assert.Equal(1009, (await chat.ReceiveCloseAsync()).Code);
    }

    [Theory, MemberData(nameof(Networks))]
    public async Task The_origin_comes_first(string network)
    {
        await using Gate gate = Through(network);
        var options = new StrictWebSocketOptions
        {
            Headers = new Dictionary<string, string> { ["Origin"] = "localhost" },
        };
        await using StrictWebSocket chat = await gate.WebSocketClient.ConnectAsync("/chat", options);
        Assert.Equal("localhost", await chat.ReceiveTextAsync());
        await chat.SendAsync("hello");
        Assert.Equal("hello", await chat.ReceiveTextAsync());
    }

    [Fact]
    public async Task A_close_without_a_code_is_answered_by_one()
    {
        await using StrictWebSocket chat = await service.WebSocketClient.ConnectAsync("/chat");
        await chat.SendFramesAsync(Frame.Close());
        Assert.Equal(new ReceivedClose(ReceivedClose.NoCode), await chat.ReceiveCloseAsync());
    }

    [Theory, MemberData(nameof(Networks))]
    public async Task Two_clients_talk_full_duplex(string network)
    {
        await using Gate gate = Through(network);
        await using StrictWebSocket first = await gate.WebSocketClient.ConnectAsync("/duplex");
        await using StrictWebSocket second = await gate.WebSocketClient.ConnectAsync("/duplex");
        for (int i = 0; i < 20; i++)
        {
            await first.SendAsync($"first {i}");
            await second.SendAsync($"second {i}");
        }

        for (int i = 0; i < 20; i++)
        {
            Assert.Equal($"second {i}", Encoding.UTF8.GetString(await second.ReceiveBinaryAsync()));
            Assert.Equal($"first {i}", Encoding.UTF8.GetString(await first.ReceiveBinaryAsync()));
        }
    }

    [Theory, MemberData(nameof(Networks))]
    public async Task TryReceive_gets_every_message_in_its_turn(string network)
    {
        await using Gate gate = Through(network);
        await using StrictWebSocket chat = await gate.WebSocketClient.ConnectAsync("/handler-alt");
        await chat.SendFramesAsync([.. Enumerable.Range(0, 20).Select(i => Frame.Text($"message {i}"))]);
        for (int i = 0; i < 20; i++) Assert.Equal($"message {i}", await chat.ReceiveTextAsync());
    }

    [Fact]
    public async Task A_peer_that_answers_pings_is_kept_and_one_that_does_not_is_closed()
    {
        await service.Clock.FreezeAsync();
        await using StrictWebSocket alive = await service.WebSocketClient.ConnectAsync("/ping-pong");
        await using StrictWebSocket silent =
            await service.WebSocketClient.ConnectAsync("/ping-pong", new() { AnswersPings = false });
        for (int pings = 0; pings < 4; pings++)
        {
            await alive.ReceivePingAsync();
            await silent.ReceivePingAsync();
            await service.Clock.AdvanceAsync(TimeSpan.FromMilliseconds(200));
        }

        Assert.Equal(1001, (await silent.ReceiveCloseAsync()).Code);
        await alive.PingAsync();
    }

    [Fact]
    public async Task What_is_no_WebSocket_gets_400_and_a_text()
    {
        using HttpResponseMessage response = await service.ServiceClient.GetAsync("/chat");
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal("Not a WebSocket request", await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_tab_behind_the_name_of_a_header_does_not_break_the_service()
    {
        Uri address = service.ServiceClient.BaseAddress!;
        using var client = new TcpClient();
        await client.ConnectAsync(address.Host, address.Port);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(
            "GET /chat HTTP/1.1\r\nHost: localhost\r\nUpgrade:\twebsocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"));
        byte[] answer = new byte[12];
        await client.GetStream().ReadExactlyAsync(answer);
        Assert.Equal("HTTP/1.1 101", Encoding.ASCII.GetString(answer));
        await A_message_comes_back("direct");
    }

    private Gate Through(string network) => service.Gate(network switch
    {
        "split" => gate => gate.SplitBytes(),
        "cut" => gate => gate.CutFrames(),
        "delayed" => gate => gate.Delay(TimeSpan.FromMilliseconds(3)),
        _ => null,
    });
}
