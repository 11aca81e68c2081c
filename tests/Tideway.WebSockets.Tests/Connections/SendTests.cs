using Tideway.WebSockets.Connections;
using Tideway.WebSockets.Framing;

namespace Tideway.WebSockets.Tests.Connections;

/// <summary>What is sent arrives whole, in order and byte by byte, however slowly the peer reads.</summary>
public abstract class SendTests(TestedChannel channel, WebSocketRole role = WebSocketRole.Server)
    : ChannelTests(channel, role)
{
    public sealed class OverStreams() : SendTests(TestedChannel.Stream);

    public sealed class OverLoops() : SendTests(TestedChannel.Loop);

    public sealed class AsClientOverLoops() : SendTests(TestedChannel.Loop, WebSocketRole.Client);

    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData(0, 262_144)]
    [InlineData(40_000, 100_000)]
    [InlineData(500, 20_000)]
    public async Task Sends_of_the_handler_and_of_eight_threads_are_whole_and_in_order(int fragment, int limit)
    {
        const int Threads = 8, Each = 40;
        await using RawPeer peer = await ConnectAsync(new() { FragmentSize = fragment, SendBacklogLimit = limit });
        Task handler = peer.Connection.RunAsync(async connection =>
        {
            await SendAsync(connection, Threads);
            await connection.ReceiveAsync();
        });
        Task sending = Task.WhenAll(Enumerable.Range(0, Threads).Select(
            thread => Task.Run(() => SendAsync(peer.Connection, thread))));

        int[] next = new int[Threads + 1];
        for (int i = 0; i < (Threads + 1) * Each; i++)
        {
            byte[] payload = (await peer.ReadMessageAsync()).Payload;
            Assert.Equal(Content(payload[0], payload[1], payload.Length), payload);
            Assert.Equal(next[payload[0]]++, payload[1]);
        }

        await sending.WaitAsync(_patience);
        await peer.AnswerCloseAsync();
        await peer.ReadCloseAsync();
        await handler.WaitAsync(_patience);

        static async Task SendAsync(WebSocketConnection connection, int sender)
        {
            var random = new Random(sender);
            for (int i = 0; i < Each; i++)
            {
                int length = random.Next(8) == 0 ? random.Next(60_000, 150_000) : random.Next(2, 3000);
                await connection.SendBinaryAsync(Content(sender, i, length));
                if (random.Next(4) == 0) await Task.Yield();
            }
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1000)]
    public async Task A_peer_that_stops_reading_and_goes_on_gets_every_byte(int fragment)
    {
        await using RawPeer peer = await ConnectAsync(new() { FragmentSize = fragment });
        var random = new Random(1);
        int[] lengths = new int[300];
        for (int i = 0; i < lengths.Length; i++) lengths[i] = random.Next(2, random.Next(10) == 0 ? 200_000 : 40_000);
        int sent = 0;
        async Task SendAsync()
        {
            foreach ((int index, int length) in lengths.Index())
            {
                await peer.Connection.SendBinaryAsync(Content(index, 0, length));
                Volatile.Write(ref sent, index + 1);
            }
        }

        Task sending = Task.Run(SendAsync);
        for (int read = 0; read < lengths.Length; read++)
        {
            // Now and then until nothing more goes in.
            if (read % 50 == 0) await UntilStalledAsync(() => Volatile.Read(ref sent));
            Assert.Equal(Content(read, 0, lengths[read]), (await peer.ReadMessageAsync()).Payload);
        }

        await sending.WaitAsync(_patience);
        await peer.Connection.WaitUntilDrainedAsync().WaitAsync(_patience);
        Assert.Equal(0, peer.Connection.SendBacklog);
    }

    [Theory]
    [InlineData(1 << 20, 1000, false)]
    [InlineData(1 << 20, 0, false)]
    [InlineData(1 << 24, 1000, true)]
    [InlineData(1 << 24, 65536, true)]
    [InlineData(1 << 24, 0, false)]
    public async Task A_large_message_is_exact_and_lets_a_pong_pass(int length, int fragment, bool passes)
    {
        await using RawPeer peer = await ConnectAsync(new() { FragmentSize = fragment });
        byte[] payload = new byte[length];
        new Random(length).NextBytes(payload);
        Task sent = peer.Connection.SendBinaryAsync(payload).AsTask();
        await peer.SendAsync(Opcode.Ping, "early"u8);
        await peer.SendTextAsync("the ping was read");
        await peer.Connection.ReceiveAsync();
        if (passes) Assert.False(sent.IsCompleted);
        (byte[] received, int pongs) = await peer.ReadMessageAsync();
        Assert.Equal(payload, received);
        await sent.WaitAsync(_patience);
        if (passes) Assert.Equal(1, pongs);
        else if (pongs == 0) Assert.Equal("early"u8.ToArray(), (await peer.ReadFrameAsync()).Payload);
    }

    [Fact]
    public async Task What_a_turn_sends_to_several_connections_arrives_in_its_order_at_each()
    {
        await using RawPeer first = await ConnectAsync();
        await using RawPeer second = await ConnectAsync();
        byte[] large = new byte[100_000];
        Task handler = first.Connection.RunAsync(async connection =>
        {
            await connection.ReceiveAsync();
            var sends = new List<Task>();
            for (int i = 0; i < 10; i++)
            {
                sends.Add(connection.SendBinaryAsync(Content(i, 1, 100)).AsTask());
                sends.Add(second.Connection.SendBinaryAsync(Content(i, 2, 100)).AsTask());
                if (i % 3 == 0) sends.Add(connection.SendBinaryAsync(large).AsTask());
                sends.Add(second.Connection.SendPingAsync().AsTask());
                if (i % 4 == 0) sends.Add(second.Connection.SendBinaryAsync(large).AsTask());
            }

            await Task.WhenAll(sends);
            await connection.ReceiveAsync();
        });
        await first.SendTextAsync("go");
        for (int i = 0; i < 10; i++)
        {
            Assert.Equal(Content(i, 1, 100), (await first.ReadMessageAsync()).Payload);
            if (i % 3 == 0) Assert.Equal(large, (await first.ReadMessageAsync()).Payload);
            Assert.Equal(Content(i, 2, 100), (await second.ReadMessageAsync()).Payload);
            Assert.Equal(Opcode.Ping, (await second.ReadFrameAsync()).Opcode);
            if (i % 4 == 0) Assert.Equal(large, (await second.ReadMessageAsync()).Payload);
        }

        await first.AnswerCloseAsync();
        await first.ReadCloseAsync();
        await handler.WaitAsync(_patience);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task With_the_policy_drop_no_send_waits_and_what_was_accepted_arrives(bool onContext)
    {
        await using RawPeer peer = await ConnectAsync(
            new() { SlowConsumerPolicy = SlowConsumerPolicy.Drop, SendBacklogLimit = 50_000 });
        WebSocketConnection connection = peer.Connection;
        var accepted = new List<int>();
        async Task SendAsync(WebSocketConnection connection)
        {
            for (int i = 0; connection.MessagesDropped < 100; i++)
            {
                long dropped = connection.MessagesDropped;
                ValueTask sent = connection.SendBinaryAsync(Content(0, i, 10_000));
                Assert.True(sent.IsCompletedSuccessfully, $"Send {i} waits.");
                await sent;
                if (connection.MessagesDropped == dropped) accepted.Add(i);
                await Task.Yield();
            }
        }

        if (onContext)
        {
            var sent = new TaskCompletionSource();
            _ = connection.RunAsync(async connection =>
            {
                try
                {
                    await SendAsync(connection);
                    sent.SetResult();
                }
                catch (Exception exception)
                {
                    sent.SetException(exception);
                }

                while (!(await connection.ReceiveAsync()).IsClose) continue;
            });
            await sent.Task.WaitAsync(_patience);
        }
        else
        {
            await SendAsync(connection).WaitAsync(_patience);
        }

        Assert.InRange(connection.SendBacklog, 1, 50_000);
        Assert.Equal(accepted.Count, connection.MessagesSent);
        foreach (int i in accepted) Assert.Equal(Content(0, i, 10_000), (await peer.ReadMessageAsync()).Payload);
        await connection.WaitUntilDrainedAsync().WaitAsync(_patience);
        await connection.SendTextAsync("again");
        Assert.Equal("again"u8.ToArray(), (await peer.ReadMessageAsync()).Payload);
    }

    [Fact]
    public async Task With_the_policy_close_a_slow_peer_gets_what_was_accepted_and_1008()
    {
        await using RawPeer peer = await ConnectAsync(
            new() { SlowConsumerPolicy = SlowConsumerPolicy.Close, SendBacklogLimit = 50_000 });
        int accepted = 0;
        var closed = await Assert.ThrowsAsync<ConnectionClosedException>(async () =>
        {
            for (; ; accepted++)
            {
                Task sent = peer.Connection.SendBinaryAsync(Content(0, accepted, 10_000)).AsTask();
                await sent.WaitAsync(_patience);
            }
        });
        Assert.Equal((CloseCode.PolicyViolation, CloseOrigin.Local), (closed.Reason.Code, closed.Reason.Origin));
        for (int i = 0; i < accepted; i++)
            Assert.Equal(Content(0, i, 10_000), (await peer.ReadMessageAsync()).Payload);
        Assert.Equal((1008, "the peer reads too slowly"), await peer.ReadCloseAsync());
        await peer.AnswerCloseAsync();
        await peer.Connection.Completion.WaitAsync(_patience);
    }

    [Fact]
    public async Task TrySend_tells_what_becomes_of_a_message()
    {
        await using RawPeer peer = await ConnectAsync(new() { SendBacklogLimit = 50_000 });
        WebSocketConnection connection = peer.Connection;
        Message message = new(MessageKind.Binary, Content(0, 0, 10_000));
        Assert.Equal(SendStatus.Sent, connection.TrySend(new Message(MessageKind.Binary, new byte[60_000])));
        Assert.Equal(60_000, (await peer.ReadMessageAsync()).Payload.Length);

        var seen = new List<SendStatus>();
        using var patience = new CancellationTokenSource(_patience);
        while (seen.LastOrDefault() != SendStatus.Dropped)
        {
            patience.Token.ThrowIfCancellationRequested();
            SendStatus status = connection.TrySend(message);
            if (seen.Count == 0 || status != seen[^1]) seen.Add(status);
            await Task.Yield();
        }

        Assert.Equal([SendStatus.Sent, SendStatus.Queued, SendStatus.Dropped], seen);
        Assert.Equal(1, connection.MessagesDropped);
        for (long left = connection.MessagesSent - 1; left > 0; left--)
            Assert.Equal(Content(0, 0, 10_000), (await peer.ReadMessageAsync()).Payload);
        await connection.WaitUntilDrainedAsync().WaitAsync(_patience);
        Assert.Equal(SendStatus.Sent, connection.TrySend(message));
        _ = connection.CloseAsync();
        Assert.Equal(SendStatus.Closed, connection.TrySend(message));
        Assert.Throws<ArgumentException>(() => connection.TrySend(default));
    }

    [Fact]
    public async Task The_wait_for_a_drained_backlog_ends_with_it_or_with_the_connection()
    {
        await using RawPeer peer = await ConnectAsync(new() { SendBacklogLimit = 50_000 });
        WebSocketConnection connection = peer.Connection;
        await connection.WaitUntilDrainedAsync().WaitAsync(_patience);
        await SendUntilDroppedAsync(connection);
        Task drained = connection.WaitUntilDrainedAsync();
        Assert.False(drained.IsCompleted);
        for (long left = connection.MessagesSent; left > 0; left--) await peer.ReadMessageAsync();
        await drained.WaitAsync(_patience);

        await SendUntilDroppedAsync(connection);
        drained = connection.WaitUntilDrainedAsync();
        connection.Abort();
        await drained.WaitAsync(_patience);
        await connection.Completion.WaitAsync(_patience);
        await connection.WaitUntilDrainedAsync().WaitAsync(_patience);
    }

    [Fact]
    public async Task An_abort_in_the_middle_of_sends_shows_them_nothing_but_the_end()
    {
        byte[] large = new byte[300_000];
        for (int round = 0; round < 100; round++)
        {
            await using RawPeer peer = await ConnectAsync();
            WebSocketConnection connection = peer.Connection;
            Task reading = peer.ReadUntilCutAsync();
            Task<Exception?>[] sending = [.. Enumerable.Range(0, 3).Select(kind => Task.Run(() => FailAsync(kind)))];
            Thread.SpinWait(100 * (round % 20) * (round % 20));
            connection.Abort();
            Exception?[] failures = await Task.WhenAll(sending).WaitAsync(_patience);
            Assert.IsType<ConnectionClosedException>(failures[0]);
            Assert.IsType<ConnectionClosedException>(failures[1]);
            Assert.Null(failures[2]);
            await reading;

            async Task<Exception?> FailAsync(int kind) => await Record.ExceptionAsync(async () =>
            {
                while (kind < 2 || connection.CloseReason is null)
                {
                    if (kind == 0) await connection.SendBinaryAsync(large);
                    else if (kind == 1) await connection.SendTextAsync("small");
                    else await connection.WaitUntilDrainedAsync();
                }
            });
        }
    }

    private static async Task SendUntilDroppedAsync(WebSocketConnection connection)
    {
        var message = new Message(MessageKind.Binary, new byte[10_000]);
        while (connection.TrySend(message) != SendStatus.Dropped) await Task.Yield();
    }

    /// <summary>Waits until the number stays the same for a while.</summary>
    private static async Task UntilStalledAsync(Func<int> number)
    {
        for (int last = -1; last != number(); await Task.Delay(50)) last = number();
    }

    private static byte[] Content(int sender, int number, int length)
    {
        byte[] content = new byte[length];
        new Random((sender * 1000) + number).NextBytes(content);
        (content[0], content[1]) = ((byte)sender, (byte)number);
        return content;
    }
}
