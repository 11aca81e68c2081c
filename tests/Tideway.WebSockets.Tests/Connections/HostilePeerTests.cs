using Microsoft.Extensions.Time.Testing;
using Tideway.WebSockets.Connections;
using Tideway.WebSockets.Framing;

namespace Tideway.WebSockets.Tests.Connections;

/// <summary>Peers that keep to the letter of the protocol and mean no good.</summary>
public abstract class HostilePeerTests(TestedChannel channel) : ChannelTests(channel)
{
    public sealed class OverStreams() : HostilePeerTests(TestedChannel.Stream);

    public sealed class OverLoops() : HostilePeerTests(TestedChannel.Loop);

    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task Fragments_without_end_are_closed_with_1008_when_the_time_of_a_message_is_over()
    {
        await using RawPeer peer = await ConnectAsync(messageTimeout: 10);
        Task<Message> receive = peer.Connection.ReceiveAsync().AsTask();
        await peer.SendAsync(Opcode.Binary, "a"u8, fin: false);
        double seconds = 0;
        for (Opcode answer = Opcode.Pong; answer == Opcode.Pong && seconds < 60; seconds += 2)
        {
            await peer.SendAsync(Opcode.Continuation, "b"u8, fin: false);
            await peer.SendAsync(Opcode.Ping, "are you there"u8);
            answer = (await peer.ReadFrameAsync()).Opcode; // Shows that the fragment before it was come to.
            await AdvanceAsync(peer, 2);
        }

        // At the earliest after its time, and at the latest when a look that just missed its begin was followed by two.
        Assert.InRange(seconds, 10, 28);
        CloseReason reason = (await receive.WaitAsync(_patience)).CloseReason!;
        Assert.Equal((CloseCode.PolicyViolation, CloseCause.MessageTimeout), (reason.Code, reason.Cause));
    }

    [Fact]
    public async Task A_frame_that_trickles_in_is_closed_with_1008_and_not_before_its_time()
    {
        await using RawPeer peer = await ConnectAsync(messageTimeout: 10);
        Task<Message> receive = peer.Connection.ReceiveAsync().AsTask();
        byte[] frame = RawPeer.Frame(Opcode.Binary, new byte[60_000]);
        int sent = 0;
        for (; !receive.IsCompleted && sent < frame.Length; sent++)
        {
            await peer.SendBytesAsync(frame.AsMemory(sent, 1));
            await AdvanceAsync(peer, 0.1);
        }

        Assert.InRange(sent * 0.1, 10, 6000);
        Assert.Equal(CloseCause.MessageTimeout, (await receive.WaitAsync(_patience)).CloseReason!.Cause);
        Assert.Equal((1008, "a message took too long"), await peer.ReadCloseAsync());
    }

    [Fact]
    public async Task Each_message_has_its_own_time()
    {
        await using RawPeer peer = await ConnectAsync(messageTimeout: 10);
        for (int i = 0; i < 20; i++)
        {
            Task<Message> receive = peer.Connection.ReceiveAsync().AsTask();
            await peer.SendTextAsync("be", fin: false);
            await AdvanceAsync(peer, 4);
            await peer.SendAsync(Opcode.Continuation, "gun"u8);
            Assert.Equal("begun", (await receive.WaitAsync(_patience)).ToString());
        }

        Assert.Null(peer.Connection.CloseReason);
    }

    [Fact]
    public async Task Time_in_which_the_handler_leaves_data_unread_does_not_count()
    {
        await using RawPeer peer = await ConnectAsync(messageTimeout: 10);
        using var cancel = new CancellationTokenSource();
        Task<Message> canceled = peer.Connection.ReceiveAsync(cancel.Token).AsTask();
        await peer.SendTextAsync("be", fin: false);
        await peer.SendAsync(Opcode.Ping, []);
        Assert.Equal(Opcode.Pong, (await peer.ReadFrameAsync()).Opcode); // It was begun.
        await AdvanceAsync(peer, 5);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => canceled);

        // The pong before the data shows that it was come to.
        byte[] more = [.. RawPeer.Frame(Opcode.Ping, []), .. RawPeer.Frame(Opcode.Continuation, "g"u8, fin: false)];
        await peer.SendBytesAsync(more);
        Assert.Equal(Opcode.Pong, (await peer.ReadFrameAsync()).Opcode);
        for (int i = 0; i < 10; i++) await AdvanceAsync(peer, 7);
        Assert.Null(peer.Connection.CloseReason);

        Task<Message> receive = peer.Connection.ReceiveAsync().AsTask();
        await AdvanceAsync(peer, 9);
        await peer.SendAsync(Opcode.Continuation, "un"u8);
        Assert.Equal("begun", (await receive.WaitAsync(_patience)).ToString());
    }

    [Theory]
    [InlineData(Opcode.Ping)]
    [InlineData(Opcode.Pong)]
    public async Task A_flood_of_control_frames_is_closed_with_1008_and_a_trickle_is_not(Opcode opcode)
    {
        await using RawPeer peer = await ConnectAsync(controlFrames: 100);
        for (int second = 0; second < 3; second++)
        {
            await SendControlsAsync(peer, opcode, 99);
            await AdvanceAsync(peer, 1.2);
        }

        await SendControlsAsync(peer, opcode, 101);
        if (opcode == Opcode.Ping) await ReadPongsAsync(peer, 100);
        Assert.Equal((1008, "more than 100 control frames in a second"), await peer.ReadCloseAsync());
        Assert.Equal(CloseCause.Flood, peer.Connection.CloseReason!.Cause);
    }

    [Fact]
    public async Task Pongs_that_answer_pings_are_no_flood()
    {
        await using RawPeer peer = await ConnectAsync(controlFrames: 1);
        for (int i = 0; i < 50; i++)
        {
            await peer.Connection.SendPingAsync();
            Assert.Equal(Opcode.Ping, (await peer.ReadFrameAsync()).Opcode);
            await peer.SendAsync(Opcode.Pong, []);
            while (peer.Connection.UnansweredPings > 0) await Task.Yield();
        }

        Assert.Null(peer.Connection.CloseReason);
    }

    [Fact]
    public async Task As_many_empty_fragments_as_are_allowed_are_taken_of_each_message()
    {
        await using RawPeer peer = await ConnectAsync();
        for (int message = 0; message < 3; message++)
        {
            for (int i = 0; i < MessageReader.MaxEmptyFragments; i++)
                await peer.SendAsync(i == 0 ? Opcode.Text : Opcode.Continuation, [], fin: false);
            await peer.SendAsync(Opcode.Continuation, "end"u8);
            Assert.Equal("end", (await peer.Connection.ReceiveAsync()).ToString());
        }
    }

    private async Task SendControlsAsync(RawPeer peer, Opcode opcode, int count)
    {
        byte[] frame = RawPeer.Frame(opcode, []);
        await peer.SendBytesAsync(Enumerable.Repeat(frame, count).SelectMany(bytes => bytes).ToArray());
        if (opcode == Opcode.Ping && count < 100) await ReadPongsAsync(peer, count);

        // Whatever they are, the answer to something else shows that they were come to.
        if (opcode != Opcode.Pong || count >= 100) return;
        await peer.SendTextAsync("behind them");
        Assert.Equal("behind them", (await peer.Connection.ReceiveAsync()).ToString());
    }

    private static async Task ReadPongsAsync(RawPeer peer, int count)
    {
        for (int i = 0; i < count; i++) Assert.Equal(Opcode.Pong, (await peer.ReadFrameAsync()).Opcode);
    }

    private async Task<RawPeer> ConnectAsync(double messageTimeout = 0, int controlFrames = 0)
    {
        RawPeer peer = await ConnectAsync(new WebSocketConnectionOptions
        {
            TimeProvider = _time,
            PingInterval = TimeSpan.Zero,
            MessageTimeout = TimeSpan.FromSeconds(messageTimeout),
            MaxControlFramesPerSecond = controlFrames,
        });
        await AdvanceAsync(peer, 0);
        return peer;
    }

    /// <summary>Moves the clock; the connection has looked at it when this comes back.</summary>
    private async Task AdvanceAsync(RawPeer peer, double seconds)
    {
        _time.Advance(TimeSpan.FromSeconds(seconds));
        for (int i = 0; i < 2; i++) await peer.Connection.Channel.RunAsync(static _ => { }, 0).WaitAsync(_patience);
    }
}
