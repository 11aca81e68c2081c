using ProbeService;
using Tideway.Testing.Hosting;
using Tideway.Testing.WebSockets;
using Tideway.Testing.Wire;

namespace Tideway.Testing.Tests.Chaos;

/// <summary>What networks do, between the strict client and the service.</summary>
public sealed class GateTests(GateTests.Fixture service) : IClassFixture<GateTests.Fixture>
{
    /// <summary>What the protocol has to withstand.</summary>
    public static TheoryData<string> Harmless { get; } =
        ["nothing", "split", "split by 1", "delay", "coalesce", "cut", "cut everywhere", "reorder", "all"];

    [Theory]
    [MemberData(nameof(Harmless))]
    public async Task What_changes_no_byte_changes_no_message(string chaos)
    {
        await using var gate = service.Gate(way => _ = chaos switch
        {
            "split" => way.SplitBytes(7),
            "split by 1" => way.SplitBytes(),
            "delay" => way.Delay(TimeSpan.FromMilliseconds(5)),
            "coalesce" => way.Coalesce(TimeSpan.FromMilliseconds(10)),
            "cut" => way.CutFrames(1),
            "cut everywhere" => way.CutFrames(),
            "reorder" => way.ReorderControls(),
            "all" => way.CutFrames().ReorderControls().SplitBytes(50).Delay(TimeSpan.FromMilliseconds(1)),
            _ => way,
        });
        await using var chat = await gate.WebSocketClient.ConnectAsync("/chat");
        foreach (int length in new[] { 0, 1, 125, 126, 900 })
        {
            string text = new('x', length);
            await chat.SendFramesAsync(
                Frame.Text(text[..(length / 2)]).Unfinished(),
                Frame.Ping($"{length}"),
                Frame.Continuation(text[(length / 2)..]));
            Assert.Equal(text, await chat.ReceiveTextAsync());
            Assert.Equal($"{length}", System.Text.Encoding.UTF8.GetString(await chat.ReceivePongAsync()));
        }

        Assert.Equal(1, gate.Connections);
        Assert.Equal(1000, (await chat.CloseAsync()).Code);
    }

    [Fact]
    public async Task Every_cut_of_a_frame_is_withstood_both_ways()
    {
        // 2 + 4 + 5 bytes to the service, 2 + 5 back, and the close frames of 8 and 4.
        for (int at = 1; at < 11; at++)
        {
            await using var gate = service.Gate(way => way.CutFrames(at));
            await using var chat = await gate.WebSocketClient.ConnectAsync("/chat");
            await chat.SendAsync("hello");
            Assert.Equal("hello", await chat.ReceiveTextAsync());
            Assert.Equal(1000, (await chat.CloseAsync()).Code);
        }
    }

    [Fact]
    public async Task Bits_that_are_turned_over_reach_the_service()
    {
        var ends = new HashSet<string>();
        for (int seed = 0; seed < 20; seed++)
        {
            await using var gate = service.Gate(way =>
            {
                way.Seed = seed;
                way.ToService.Corrupt(after: HandshakeLength + 6);
            });
            await using var chat = await gate.WebSocketClient.ConnectAsync("/chat");
            await chat.SendFramesAsync(Frame.Text("\u00DE"));
            try
            {
                Assert.NotEqual("\u00DE", await chat.ReceiveTextAsync());
                ends.Add("another text");
                chat.Abort();
            }
            catch (WireException)
            {
                ends.Add($"{(await chat.ReceiveCloseAsync()).Code}");
            }
        }

        Assert.Equal(["1007", "another text"], ends.Order());
    }

    [Fact]
    public async Task A_reset_is_seen_by_both()
    {
        await using var gate = service.Gate();
        await using var chat = await gate.WebSocketClient.ConnectAsync("/chat");
        gate.Reset();
        Assert.Equal(new ReceivedClose(1006, "it was reset"), await chat.ReceiveCloseAsync());
    }

    [Fact]
    public async Task A_close_is_seen_by_both()
    {
        await using var gate = service.Gate();
        await using var chat = await gate.WebSocketClient.ConnectAsync("/chat");
        gate.Close();
        Assert.Equal(new ReceivedClose(1006), await chat.ReceiveCloseAsync());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_direction_ends_behind_its_bytes(bool isReset)
    {
        await using var gate = service.Gate(way => _ = isReset
            ? way.ToService.ResetAfter(HandshakeLength + 20)
            : way.ToService.CloseAfter(HandshakeLength + 20));
        await using var chat = await gate.WebSocketClient.ConnectAsync("/chat");
        await chat.SendAsync("first");
        Assert.Equal("first", await chat.ReceiveTextAsync());
        await chat.SendAsync("second, which does not arrive whole");
        Assert.Equal(1006, (await chat.ReceiveCloseAsync()).Code);
    }

    [Fact]
    public async Task What_is_truncated_is_missed_and_the_connection_stays()
    {
        await using var gate = service.Gate(way => way.ToService.Truncate(HandshakeLength + 11));
        await using var chat = await gate.WebSocketClient.ConnectAsync(
            "/chat", new StrictWebSocketOptions { Patience = TimeSpan.FromMilliseconds(500) });
        await chat.SendAsync("first");
        Assert.Equal("first", await chat.ReceiveTextAsync());
        await chat.SendAsync("second");
        await Assert.ThrowsAsync<WireException>(chat.ReceiveTextAsync);
        chat.Abort();
    }

    [Fact]
    public async Task A_gate_that_is_stopped_lets_all_pass_when_it_goes_on()
    {
        await using var gate = service.Gate();
        await using var chat = await gate.WebSocketClient.ConnectAsync("/chat");
        gate.Stop();
        await chat.SendAsync("hello");
        Task<string> receiving = chat.ReceiveTextAsync();
        Assert.NotSame(receiving, await Task.WhenAny(receiving, Task.Delay(200)));
        gate.Resume();
        Assert.Equal("hello", await receiving);
    }

    [Fact]
    public async Task A_direction_that_stops_reading_fills_up()
    {
        // The echo has nowhere to go, so the service reads no more, and in the end the client cannot write.
        await using var gate = service.Gate(way => way.ToClient.StopAfter(1000));
        await using var chat = await gate.WebSocketClient.ConnectAsync(
            "/chat", new StrictWebSocketOptions { Patience = TimeSpan.FromSeconds(3) });
        string text = new('x', 900);
        WireException full = await Assert.ThrowsAsync<WireException>(async () =>
        {
            for (int i = 0; i < 100_000; i++) await chat.SendAsync(text);
        });
        Assert.Contains("has taken nothing", full.Message, StringComparison.Ordinal);
        chat.Abort();
    }

    /// <summary>How long the client's handshake is, whose every byte is known.</summary>
    private int HandshakeLength =>
        $"GET /chat HTTP/1.1\r\nHost: 127.0.0.1:00000\r\n".Length
        + "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n".Length
        + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n".Length;

    public sealed class Fixture : ServiceFixture<Probe>
    {
        protected override void Configure(ServiceSetup setup) =>
            setup.Component("chat-handler")["close-timeout"] = "1s";
    }
}
