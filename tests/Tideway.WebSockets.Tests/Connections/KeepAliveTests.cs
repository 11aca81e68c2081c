using Microsoft.Extensions.Time.Testing;
using Tideway.WebSockets.Connections;
using Tideway.WebSockets.Framing;

namespace Tideway.WebSockets.Tests.Connections;

/// <summary>Pings, and the limits of time of a connection, under a clock that is moved by hand.</summary>
public abstract class KeepAliveTests(TestedChannel channel) : ChannelTests(channel)
{
    public sealed class OverStreams() : KeepAliveTests(TestedChannel.Stream);

    public sealed class OverLoops() : KeepAliveTests(TestedChannel.Loop);

    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task A_silent_peer_is_pinged_again_and_again_as_long_as_it_answers()
    {
        await using RawPeer peer = await ConnectAsync(ping: 10, pong: 5);
        for (int round = 0; round < 5; round++)
        {
            await AdvanceAsync(peer, 9.5);
            _time.Advance(TimeSpan.FromSeconds(10.2));
            Assert.Equal((Opcode.Ping, 0), await ReadControlAsync(peer));
            Assert.Equal(1, peer.Connection.UnansweredPings);
            await peer.SendAsync(Opcode.Pong, []);
            await AdvanceAsync(peer, 0);
            Assert.Equal(0, peer.Connection.UnansweredPings);
        }

        Assert.Null(peer.Connection.CloseReason);
    }

    [Fact]
    public async Task A_peer_that_does_not_answer_is_cut_though_nobody_receives()
    {
        await using RawPeer peer = await ConnectAsync(ping: 10, pong: 5);
        _time.Advance(TimeSpan.FromSeconds(10.2));
        Assert.Equal((Opcode.Ping, 0), await ReadControlAsync(peer));
        _time.Advance(TimeSpan.FromSeconds(4.5));
        Assert.Null(peer.Connection.CloseReason);
        _time.Advance(TimeSpan.FromSeconds(0.7));
        await peer.Connection.Completion.WaitAsync(_patience);
        CloseReason reason = peer.Connection.CloseReason!;
        Assert.Equal((CloseCode.AbnormalClosure, CloseOrigin.Transport), (reason.Code, reason.Origin));
        Assert.Equal(("the peer did not answer a ping in time", CloseCause.PingTimeout), (reason.Text, reason.Cause));
        await peer.ReadUntilCutAsync();
    }

    [Fact]
    public async Task Anything_that_comes_in_answers_a_ping()
    {
        await using RawPeer peer = await ConnectAsync(ping: 10, pong: 5);
        _ = peer.Connection.RunAsync(EchoAsync);
        _time.Advance(TimeSpan.FromSeconds(10.2));
        Assert.Equal((Opcode.Ping, 0), await ReadControlAsync(peer));
        await EchoAsync(peer, "here");
        await AdvanceAsync(peer, 6);
        Assert.Null(peer.Connection.CloseReason);
        Assert.Equal(1, peer.Connection.UnansweredPings);
    }

    [Fact]
    public async Task Nobody_is_cut_while_the_handler_leaves_data_unread()
    {
        await using RawPeer peer = await ConnectAsync(ping: 10, pong: 5);

        // The pong shows that the data behind the ping is there, too.
        byte[] unread = RawPeer.Frame(Opcode.Text, "unread"u8);
        await peer.SendBytesAsync((byte[])[.. RawPeer.Frame(Opcode.Ping, []), .. unread]);
        Assert.Equal((Opcode.Pong, 0), await ReadControlAsync(peer));
        for (int i = 0; i < 10; i++)
        {
            // The context has looked at the clock when this comes back.
            _time.Advance(TimeSpan.FromSeconds(7));
            await peer.Connection.Channel.RunAsync(static _ => { }, 0).WaitAsync(_patience);
        }

        Assert.Null(peer.Connection.CloseReason);
        Assert.Equal("unread", (await peer.Connection.ReceiveAsync()).ToString());
    }

    [Fact]
    public async Task A_peer_that_keeps_reading_is_alive_though_no_ping_can_reach_it()
    {
        const int Megabyte = 1 << 20;
        await using RawPeer peer = await ConnectAsync(ping: 10, pong: 5);
        byte[] large = new byte[60 * Megabyte];
        Task sent = peer.Connection.SendBinaryAsync(large).AsTask();
        for (int i = 0; i < 6; i++)
        {
            // More than the system can hold between us, so that some of it was taken just now.
            await peer.SkipAsync(8 * Megabyte);
            _time.Advance(TimeSpan.FromSeconds(9));
            Assert.False(sent.IsCompleted);
        }

        Assert.Null(peer.Connection.CloseReason);
        Assert.Equal((0, 0L), (peer.Connection.UnansweredPings, peer.Connection.MessagesDropped));

        // Now it stops: at most one look more finds that it had gone on till then.
        Task closed = peer.Connection.Completion;
        for (int i = 0; i < 20 && !closed.IsCompleted; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(5));
            await Task.WhenAny(closed, Task.Delay(50));
        }

        await closed.WaitAsync(_patience);
        Assert.Equal("the peer did not answer a ping in time", peer.Connection.CloseReason!.Text);
        await Assert.ThrowsAsync<ConnectionClosedException>(() => sent);
    }

    [Fact]
    public async Task A_connection_without_messages_is_closed_with_1001_whatever_pings_go_by()
    {
        await using RawPeer peer = await ConnectAsync(ping: 10, pong: 5, idle: 60);
        _ = peer.Connection.RunAsync(EchoAsync);
        await EchoAsync(peer, "busy");
        int pings = 0;
        for (int step = 0; step < 30; step++)
        {
            _time.Advance(TimeSpan.FromSeconds(10.2));
            (Opcode opcode, int code) = await ReadControlAsync(peer);
            if (opcode == Opcode.Close)
            {
                Assert.Equal(1001, code);
                Assert.InRange(pings, 5, 8);
                return;
            }

            pings++;
            await peer.SendAsync(Opcode.Pong, []);
            if (step == 3) await EchoAsync(peer, "busy");
            if (step == 3) pings = 0;
            await AdvanceAsync(peer, 0);
        }

        Assert.Fail("It was not closed.");
    }

    [Fact]
    public async Task A_connection_is_closed_with_1001_when_it_is_as_old_as_is_allowed()
    {
        await using RawPeer peer = await ConnectAsync(age: 100);
        _ = peer.Connection.RunAsync(EchoAsync);
        for (int i = 0; i < 9; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(11));
            await EchoAsync(peer, "busy");
        }

        _time.Advance(TimeSpan.FromSeconds(1.2));
        Assert.Equal((1001, "the connection is as old as is allowed"), await peer.ReadCloseAsync());
        await peer.AnswerCloseAsync();
        await peer.Connection.Completion.WaitAsync(_patience);
    }

    [Fact]
    public async Task A_slow_peer_that_does_not_even_take_the_close_is_cut()
    {
        await using RawPeer peer = await ConnectAsync(new WebSocketConnectionOptions
        {
            TimeProvider = _time,
            SlowConsumerPolicy = SlowConsumerPolicy.Close,
            SendBacklogLimit = 50_000,
            CloseTimeout = TimeSpan.FromSeconds(3),
        });
        byte[] message = new byte[10_000];
        await Assert.ThrowsAsync<ConnectionClosedException>(async () =>
        {
            while (true) await peer.Connection.SendBinaryAsync(message);
        });
        while (peer.Connection.CloseReason is null) await Task.Yield(); // The context knows it, too.
        Assert.False(peer.Connection.Completion.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(3.2));
        await peer.Connection.Completion.WaitAsync(_patience);
        await peer.ReadUntilCutAsync();
    }

    [Fact]
    public async Task Without_limits_nothing_happens()
    {
        await using RawPeer peer = await ConnectAsync();
        for (int i = 0; i < 10; i++) await AdvanceAsync(peer, 3600 * 24);
        Assert.Null(peer.Connection.CloseReason);
    }

    private static async Task EchoAsync(WebSocketConnection connection)
    {
        while (await connection.ReceiveAsync() is { IsClose: false } message) await connection.SendAsync(message);
    }

    private static async Task EchoAsync(RawPeer peer, string text)
    {
        await peer.SendTextAsync(text);
        (Opcode opcode, _, byte[] payload) = await peer.ReadFrameAsync();
        Assert.Equal((Opcode.Text, text), (opcode, System.Text.Encoding.UTF8.GetString(payload)));
    }

    /// <summary>Reads a ping, or a close with its code.</summary>
    private static async Task<(Opcode Opcode, int Code)> ReadControlAsync(RawPeer peer)
    {
        (Opcode opcode, _, byte[] payload) = await peer.ReadFrameAsync();
        return (opcode, payload.Length < 2 ? 0 : (payload[0] << 8) | payload[1]);
    }

    private async Task<RawPeer> ConnectAsync(double ping = 0, double pong = 0, double idle = 0, double age = 0)
    {
        RawPeer peer = await ConnectAsync(new WebSocketConnectionOptions
        {
            TimeProvider = _time,
            FragmentSize = 0,
            PingInterval = TimeSpan.FromSeconds(ping),
            PingTimeout = TimeSpan.FromSeconds(pong),
            IdleTimeout = TimeSpan.FromSeconds(idle),
            MaxConnectionAge = TimeSpan.FromSeconds(age),
        });
        await AdvanceAsync(peer, 0); // It has set its first timer by now.
        return peer;
    }

    /// <summary>Moves the clock, and lets the peer make itself heard: the next thing to come is the answer.</summary>
    private async Task AdvanceAsync(RawPeer peer, double seconds)
    {
        _time.Advance(TimeSpan.FromSeconds(seconds));
        await peer.SendAsync(Opcode.Ping, "?"u8);
        (Opcode opcode, _, byte[] payload) = await peer.ReadFrameAsync();
        Assert.Equal((Opcode.Pong, "?"), (opcode, System.Text.Encoding.UTF8.GetString(payload)));
    }
}
