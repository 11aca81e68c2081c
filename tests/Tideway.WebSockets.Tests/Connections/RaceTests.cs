using Tideway.WebSockets.Connections;
using Tideway.WebSockets.Framing;

namespace Tideway.WebSockets.Tests.Connections;

/// <summary>What happens when two things happen at once: the peer, the handler and other threads against each
/// other.</summary>
public abstract class RaceTests(TestedChannel channel) : ChannelTests(channel)
{
    public sealed class OverStreams() : RaceTests(TestedChannel.Stream);

    public sealed class OverLoops() : RaceTests(TestedChannel.Loop);

    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task Reading_pauses_again_after_a_pause_that_ended_in_its_own_turn()
    {
        await using RawPeer peer = await ConnectAsync();
        var begun = new TaskCompletionSource();
        var goOn = new SemaphoreSlim(0);
        var lengths = new List<int>();
        Task handler = peer.Connection.RunAsync(async connection =>
        {
            begun.SetResult();
            while (await connection.ReceiveAsync() is { IsClose: false } message)
            {
                lengths.Add(message.Data.Length);
                if (message.Data.Length == 3) await goOn.WaitAsync();
                else await Task.Yield();
            }
        });
        await begun.Task;
        for (int round = 0; round < 50; round++)
        {
            // The first pair has reading pause and resume in one turn. Behind the second, it has to stay paused.
            await peer.SendBytesAsync(Messages(1, 2));
            await peer.SendBytesAsync(Messages(3, 1000));
            await peer.SendBytesAsync(Messages(5));
            await Task.Yield();
            goOn.Release();
        }

        await peer.AnswerCloseAsync();
        await handler.WaitAsync(_patience);
        Assert.Equal(Enumerable.Repeat<int[]>([1, 2, 3, 1000, 5], 50).SelectMany(lengths => lengths), lengths);
    }

    [Theory]
    [InlineData("a violation", new byte[] { 0x83, 0x80, 0, 0, 0, 0 })]
    [InlineData("a close, and data behind it", new byte[] { 0x88, 0x80, 0, 0, 0, 0, 0x82, 0x80, 0, 0, 0, 0 })]
    public async Task What_ends_the_input_does_so_also_while_another_thread_closes(string what, byte[] bytes)
    {
        await using RawPeer peer = await ConnectAsync();
        var begun = new TaskCompletionSource();
        Task<MessageKind> handler = RunAsync(peer.Connection, async connection =>
        {
            begun.SetResult();
            await connection.ReceiveAsync();

            // The close is sent and its news waits for the end of this turn, in which the rest is still read.
            Task.Run(() => { _ = connection.CloseAsync(CloseCode.GoingAway); }).Wait(_patience);
            return (await connection.ReceiveAsync()).Kind;
        });
        await begun.Task;
        await peer.SendBytesAsync((byte[])[.. Messages(1), .. bytes]);

        Assert.Equal(1001, (await peer.ReadCloseAsync()).Code);
        await peer.AnswerCloseAsync();
        MessageKind kind = await handler.WaitAsync(_patience);
        Assert.True(kind == MessageKind.Close, what);
    }

    [Fact]
    public async Task A_message_can_be_answered_although_a_close_came_right_behind_it()
    {
        await using RawPeer peer = await ConnectAsync();
        await peer.SendBytesAsync((byte[])[
            .. RawPeer.Frame(Opcode.Ping, []),
            .. RawPeer.Frame(Opcode.Text, "question"u8),
            .. RawPeer.Frame(Opcode.Close, [])]);
        Assert.Equal(Opcode.Pong, (await peer.ReadFrameAsync()).Opcode); // All of it is here.
        Task handler = peer.Connection.RunAsync(static async connection =>
        {
            while (await connection.ReceiveAsync() is { IsClose: false } message) await connection.SendAsync(message);
        });
        Assert.Equal("question"u8.ToArray(), (await peer.ReadFrameAsync()).Payload);
        Assert.Equal(1005, (await peer.ReadCloseAsync()).Code);
        await handler.WaitAsync(_patience);
    }

    [Fact]
    public async Task A_close_behind_a_message_ends_a_handler_that_receives_no_more()
    {
        await using RawPeer peer = await ConnectAsync();
        await peer.SendBytesAsync((byte[])[
            .. RawPeer.Frame(Opcode.Ping, []),
            .. RawPeer.Frame(Opcode.Text, "x"u8),
            .. RawPeer.Frame(Opcode.Close, [])]);
        Assert.Equal(Opcode.Pong, (await peer.ReadFrameAsync()).Opcode);
        Task handler = peer.Connection.RunAsync(static async connection =>
        {
            await connection.ReceiveAsync();
            await Task.Delay(Timeout.Infinite, connection.Closing);
        });
        Assert.Equal(1005, (await peer.ReadCloseAsync()).Code);
        await handler.WaitAsync(_patience);
    }

    [Fact]
    public async Task What_a_handler_sends_leaves_also_while_it_yields_without_end()
    {
        await using RawPeer peer = await ConnectAsync();
        Task handler = peer.Connection.RunAsync(async connection =>
        {
            while (true)
            {
                if (connection.TryReceive(out Message message))
                {
                    if (message.IsClose) return;
                    await connection.SendAsync(message);
                }

                await Task.Yield();
            }
        });
        await peer.SendTextAsync("echo");
        Assert.Equal("echo"u8.ToArray(), (await peer.ReadFrameAsync()).Payload);
        await peer.AnswerCloseAsync();
        await handler.WaitAsync(_patience);
    }

    [Fact]
    public async Task Cancelled_sends_let_go_of_their_messages_though_the_peer_reads_nothing()
    {
        await using RawPeer peer = await ConnectAsync(options: new() { SendBacklogLimit = 10_000 });
        Task stuck = peer.Connection.SendBinaryAsync(new byte[50_000_000]).AsTask();
        var cancelled = new List<WeakReference>();
        for (int i = 0; i < 100; i++) cancelled.Add(await SendAndCancelAsync(peer.Connection));
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();

        // The stack may still point to the last.
        Assert.InRange(cancelled.Count(payload => payload.IsAlive), 0, 2);
        Assert.False(stuck.IsCompleted);
        peer.Connection.Abort();
        await Assert.ThrowsAsync<ConnectionClosedException>(() => stuck);
    }

    private static async Task<WeakReference> SendAndCancelAsync(WebSocketConnection connection)
    {
        using var cancel = new CancellationTokenSource();
        byte[] payload = new byte[100];
        Task sent = connection.SendBinaryAsync(payload, cancel.Token).AsTask();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sent);
        return new WeakReference(payload);
    }

    private static async Task<T> RunAsync<T>(WebSocketConnection connection, Func<WebSocketConnection, Task<T>> handler)
    {
        T result = default!;
        await connection.RunAsync(async connection => result = await handler(connection));
        return result;
    }

    private static byte[] Messages(params int[] lengths) =>
        [.. lengths.SelectMany(length => RawPeer.Frame(Opcode.Binary, new byte[length]))];
}
