using Microsoft.Extensions.Time.Testing;
using Tideway.WebSockets.Connections;
using Tideway.WebSockets.Framing;

namespace Tideway.WebSockets.Tests.Connections;

/// <summary>Peers that send more messages in a second than they may.</summary>
public abstract class MessageRateTests(TestedChannel channel) : ChannelTests(channel)
{
    public sealed class OverStreams() : MessageRateTests(TestedChannel.Stream);

    public sealed class OverLoops() : MessageRateTests(TestedChannel.Loop);

    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task Messages_beyond_the_rate_wait_for_the_next_second_and_none_is_lost()
    {
        await using RawPeer peer = await ConnectAsync(3);
        await SendNumbersAsync(peer, 0, 10);
        for (int i = 0; i < 10; i++)
        {
            Task<Message> next = peer.Connection.ReceiveAsync().AsTask();
            if (i is 3 or 6 or 9)
            {
                await AdvanceAsync(peer, 0.5);
                Assert.False(next.IsCompleted);
                await AdvanceAsync(peer, 0.6);
            }

            Assert.Equal($"{i}", (await next.WaitAsync(_patience)).ToString());
        }

        Assert.Equal(3, peer.Connection.TimesThrottled);
    }

    [Fact]
    public async Task A_peer_within_the_rate_never_waits()
    {
        await using RawPeer peer = await ConnectAsync(3);
        for (int second = 0; second < 20; second++)
        {
            await SendNumbersAsync(peer, 0, 3);
            for (int i = 0; i < 3; i++) Assert.Equal($"{i}", await ReceiveAsync(peer));
            await AdvanceAsync(peer, 1.1);
        }

        Assert.Equal(0, peer.Connection.TimesThrottled);
    }

    [Fact]
    public async Task Pings_in_front_of_what_waits_are_answered_and_a_close_behind_it_comes_in_its_turn()
    {
        await using RawPeer peer = await ConnectAsync(1);
        await peer.SendTextAsync("0");
        await peer.SendAsync(Opcode.Ping, "now"u8);
        await peer.SendTextAsync("1");
        await peer.SendAsync(Opcode.Close, [3, 0xE8]);
        Assert.Equal("0", await ReceiveAsync(peer));
        Task<Message> next = peer.Connection.ReceiveAsync().AsTask();
        Assert.Equal(Opcode.Pong, (await peer.ReadFrameAsync()).Opcode);
        Assert.False(next.IsCompleted);
        await AdvanceAsync(peer, 1.1);
        Assert.Equal("1", (await next.WaitAsync(_patience)).ToString());
        Assert.True((await peer.Connection.ReceiveAsync().AsTask().WaitAsync(_patience)).IsClose);
    }

    [Fact]
    public async Task A_message_in_pieces_counts_once_and_waits_whole()
    {
        await using RawPeer peer = await ConnectAsync(2);
        for (int i = 0; i < 4; i++)
        {
            await peer.SendTextAsync("a", fin: false);
            await peer.SendAsync(Opcode.Continuation, "b"u8, fin: false);
            await peer.SendAsync(Opcode.Continuation, new byte[40_000], fin: true);
        }

        for (int i = 0; i < 4; i++)
        {
            if (i == 2)
            {
                Task<Message> third = peer.Connection.ReceiveAsync().AsTask();
                await AdvanceAsync(peer, 0.9);
                Assert.False(third.IsCompleted);
                await AdvanceAsync(peer, 0.2);
                Assert.Equal(40_002, (await third.WaitAsync(_patience)).Data.Length);
                continue;
            }

            Message message = await peer.Connection.ReceiveAsync().AsTask().WaitAsync(_patience);
            Assert.Equal(40_002, message.Data.Length);
        }
    }

    [Fact]
    public async Task A_connection_closes_while_a_message_waits()
    {
        await using RawPeer peer = await ConnectAsync(1);
        await SendNumbersAsync(peer, 0, 5);
        Assert.Equal("0", await ReceiveAsync(peer));
        Task<Message> next = peer.Connection.ReceiveAsync().AsTask();
        Task closed = peer.Connection.CloseAsync();
        Assert.Equal(1000, (await peer.ReadCloseAsync()).Item1);
        await peer.SendAsync(Opcode.Close, [3, 0xE8]);
        await closed.WaitAsync(_patience);
        Assert.True((await next.WaitAsync(_patience)).IsClose);
    }

    [Fact]
    public async Task What_TryReceive_did_not_get_comes_in_the_next_second()
    {
        await using RawPeer peer = await ConnectAsync(1);
        await SendNumbersAsync(peer, 0, 2);
        Assert.Equal("0", await ReceiveAsync(peer));
        var tried = new List<string>();
        await OnContextAsync(peer, Try);
        await AdvanceAsync(peer, 1.1);
        await OnContextAsync(peer, Try);
        Assert.Equal(["nothing", "1"], tried);

        void Try() =>
            tried.Add(peer.Connection.TryReceive(out Message message) ? message.ToString() : "nothing");
    }

    private static async Task SendNumbersAsync(RawPeer peer, int from, int to)
    {
        for (int i = from; i < to; i++) await peer.SendTextAsync($"{i}");
    }

    private static async Task<string> ReceiveAsync(RawPeer peer) =>
        (await peer.Connection.ReceiveAsync().AsTask().WaitAsync(_patience)).ToString();

    private static Task OnContextAsync(RawPeer peer, Action action) =>
        peer.Connection.Channel.RunAsync(static action => action(), action).WaitAsync(_patience);

    private async Task<RawPeer> ConnectAsync(int messagesPerSecond)
    {
        RawPeer peer = await ConnectAsync(new WebSocketConnectionOptions
        {
            TimeProvider = _time,
            PingInterval = TimeSpan.Zero,
            MaxMessagesPerSecond = messagesPerSecond,
        });
        await AdvanceAsync(peer, 0);
        return peer;
    }

    /// <summary>Moves the clock; the connection has looked at it when this comes back.</summary>
    private async Task AdvanceAsync(RawPeer peer, double seconds)
    {
        _time.Advance(TimeSpan.FromSeconds(seconds));
        for (int i = 0; i < 2; i++) await OnContextAsync(peer, () => { });
    }
}
