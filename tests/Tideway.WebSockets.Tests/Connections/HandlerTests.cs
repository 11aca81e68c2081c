using System.Text;
using Tideway.WebSockets.Connections;
using Tideway.WebSockets.Framing;

namespace Tideway.WebSockets.Tests.Connections;

/// <summary>What a handler may rely on: its context, its messages, its sends and its end.</summary>
public abstract class HandlerTests(TestedChannel channel, WebSocketRole role = WebSocketRole.Server)
    : ChannelTests(channel, role)
{
    public sealed class OverStreams() : HandlerTests(TestedChannel.Stream);

    public sealed class OverLoops() : HandlerTests(TestedChannel.Loop);

    public sealed class AsClientOverStreams() : HandlerTests(TestedChannel.Stream, WebSocketRole.Client);

    public sealed class AsClientOverLoops() : HandlerTests(TestedChannel.Loop, WebSocketRole.Client);

    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task An_echo_handler_answers_and_ends_with_the_connection()
    {
        await using RawPeer peer = await ConnectAsync();
        Task handler = peer.Connection.RunAsync(EchoAsync);
        for (int i = 0; i < 1000; i++)
        {
            await peer.SendTextAsync($"message {i}");
            Assert.Equal($"message {i}", Encoding.UTF8.GetString((await peer.ReadFrameAsync()).Payload));
        }

        await peer.AnswerCloseAsync(1001);
        Assert.Equal(1001, (await peer.ReadCloseAsync()).Code);
        await handler.WaitAsync(_patience);
    }

    [Fact]
    public async Task A_handler_is_back_on_its_context_after_every_await()
    {
        await using RawPeer peer = await ConnectAsync();
        int inside = 0;
        Task handler = peer.Connection.RunAsync(async connection =>
        {
            async Task WorkAsync()
            {
                for (int i = 0; i < 200; i++)
                {
                    Assert.Equal(1, Interlocked.Increment(ref inside));
                    Assert.False(connection.TryReceive(out _)); // Throws elsewhere than on the context.
                    Interlocked.Decrement(ref inside);
                    await Task.Run(static () => { });
                }
            }

            await Task.WhenAll(WorkAsync(), WorkAsync(), WorkAsync());
        });
        Assert.Equal(1000, (await peer.ReadCloseAsync()).Code);
        await peer.AnswerCloseAsync();
        await handler.WaitAsync(_patience);
    }

    [Fact]
    public async Task A_handler_that_throws_closes_with_1011_and_its_error_is_reported()
    {
        await using RawPeer peer = await ConnectAsync();
        Task handler = peer.Connection.RunAsync(_ => throw new InvalidDataException("broken"));
        Assert.Equal(1011, (await peer.ReadCloseAsync()).Code);
        await peer.AnswerCloseAsync();
        Assert.Equal("broken", (await Assert.ThrowsAsync<InvalidDataException>(() => handler)).Message);
    }

    [Fact]
    public async Task A_message_held_over_an_await_keeps_its_bytes_while_others_arrive()
    {
        await using RawPeer peer = await ConnectAsync();
        var arrived = new TaskCompletionSource();
        var goOn = new TaskCompletionSource();
        string? held = null;
        Task handler = peer.Connection.RunAsync(async connection =>
        {
            Message message = await connection.ReceiveAsync();
            arrived.SetResult();
            await goOn.Task;
            held = message.ToString();
            Assert.Equal("second", (await connection.ReceiveAsync()).ToString());
        });
        await peer.SendTextAsync("first");
        await arrived.Task;
        await peer.SendTextAsync("second");
        await peer.SendAsync(Opcode.Ping, []);
        goOn.SetResult();

        while ((await peer.ReadFrameAsync()).Opcode != Opcode.Close) continue;
        await peer.AnswerCloseAsync();
        await handler.WaitAsync(_patience);
        Assert.Equal("first", held);
    }

    [Fact]
    public async Task A_message_read_by_another_thread_is_copied_out_of_the_shared_buffer_first()
    {
        await using RawPeer peer = await ConnectAsync();
        string? read = null;
        Task handler = peer.Connection.RunAsync(async connection =>
        {
            Message message = await connection.ReceiveAsync();
            Task reading = Task.Run(() => read = Encoding.UTF8.GetString(message.Data.Span));
            await reading;
        });
        await peer.SendTextAsync("for another thread");
        Assert.Equal(1000, (await peer.ReadCloseAsync()).Code);
        await peer.AnswerCloseAsync();
        await handler.WaitAsync(_patience);
        Assert.Equal("for another thread", read);
    }

    [Fact]
    public async Task A_cancelled_receive_loses_nothing()
    {
        await using RawPeer peer = await ConnectAsync();
        await peer.SendTextAsync("be", fin: false);
        using var cancel = new CancellationTokenSource();
        Task<Message> receive = peer.Connection.ReceiveAsync(cancel.Token).AsTask();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => receive);

        await peer.SendAsync(Opcode.Continuation, "gun"u8);
        Assert.Equal("begun", (await peer.Connection.ReceiveAsync()).ToString());
    }

    [Fact]
    public async Task Sends_of_many_threads_are_whole_and_in_the_order_of_each()
    {
        const int Senders = 8, Each = 200;
        await using RawPeer peer = await ConnectAsync(options: new() { FragmentSize = 7, SendBacklogLimit = 4096 });
        Task[] senders = [.. Enumerable.Range(0, Senders).Select(sender => Task.Run(async () =>
        {
            for (int i = 0; i < Each; i++) await peer.Connection.SendTextAsync($"{sender} {i} {new string('x', i)}");
        }))];

        int[] next = new int[Senders];
        for (int i = 0; i < Senders * Each; i++)
        {
            string[] parts = (await ReadMessageAsync(peer)).Split(' ');
            int sender = int.Parse(parts[0], null);
            Assert.Equal(next[sender], int.Parse(parts[1], null));
            Assert.Equal(next[sender]++, parts[2].Length);
        }

        await Task.WhenAll(senders);
    }

    [Fact]
    public async Task A_peer_that_reads_nothing_makes_sends_wait_and_loses_nothing()
    {
        await using RawPeer peer = await ConnectAsync(options: new() { SendBacklogLimit = 10_000, FragmentSize = 0 });
        byte[] large = new byte[50_000_000];
        new Random(1).NextBytes(large);
        Task sent = peer.Connection.SendBinaryAsync(large).AsTask();
        Task behind = peer.Connection.SendTextAsync("behind").AsTask();

        // A ping that comes meanwhile is answered at the next frame boundary.
        await peer.SendAsync(Opcode.Ping, "p"u8);
        Assert.False(sent.IsCompleted);
        Assert.False(behind.IsCompleted);
        Assert.Equal(large, (await peer.ReadFrameAsync()).Payload);
        string[] rest = [await ReadMessageAsync(peer), await ReadMessageAsync(peer)];
        Assert.Equal(["behind", "p"], rest.Order());
        await Task.WhenAll(sent, behind);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(9)]
    public async Task A_backlog_without_room_for_a_header_slows_sends_and_stops_none(int limit)
    {
        await using RawPeer peer = await ConnectAsync(options: new() { SendBacklogLimit = limit, FragmentSize = 0 });
        Task sent = peer.Connection.SendBinaryAsync(new byte[70_000]).AsTask();
        Task closed = peer.Connection.CloseAsync();
        Assert.Equal(70_000, (await ReadMessageAsync(peer)).Length);
        await sent.WaitAsync(_patience);
        Assert.Equal(1000, (await peer.ReadCloseAsync()).Code);
        await peer.AnswerCloseAsync();
        await closed.WaitAsync(_patience);
    }

    [Fact]
    public async Task An_abort_wakes_a_send_that_waits()
    {
        await using RawPeer peer = await ConnectAsync();
        Task sent = peer.Connection.SendBinaryAsync(new byte[50_000_000]).AsTask();
        peer.Connection.Abort();
        await Assert.ThrowsAsync<ConnectionClosedException>(() => sent.WaitAsync(_patience));
        await peer.Connection.Completion.WaitAsync(_patience);
    }

    [Fact]
    public async Task A_send_cancelled_before_its_first_byte_is_not_sent()
    {
        await using RawPeer peer = await ConnectAsync(options: new() { SendBacklogLimit = 10_000 });
        Task large = peer.Connection.SendBinaryAsync(new byte[20_000_000]).AsTask();
        using var cancel = new CancellationTokenSource();
        Task cancelled = peer.Connection.SendTextAsync("never", cancel.Token).AsTask();
        Task last = peer.Connection.SendTextAsync("last").AsTask();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);

        Assert.Equal(20_000_000, (await ReadMessageAsync(peer)).Length);
        Assert.Equal("last", await ReadMessageAsync(peer));
        await Task.WhenAll(large, last);
    }

    [Fact]
    public async Task A_send_cancelled_after_its_first_byte_goes_on_and_keeps_its_memory_until_the_last()
    {
        await using RawPeer peer = await ConnectAsync(options: new() { SendBacklogLimit = 10_000 });
        byte[] payload = new byte[20_000_000];
        using var cancel = new CancellationTokenSource();
        Task large = peer.Connection.SendBinaryAsync(payload, cancel.Token).AsTask();
        await peer.SkipAsync(1);
        await cancel.CancelAsync();
        Assert.False(large.IsCompleted); // The peer has not read it, so it cannot be out.

        await peer.SkipAsync(9 + payload.Length);
        await large.WaitAsync(_patience);
    }

    [Fact]
    public async Task A_close_goes_behind_what_was_accepted()
    {
        await using RawPeer peer = await ConnectAsync(options: new() { SendBacklogLimit = 10_000 });
        Task sent = peer.Connection.SendBinaryAsync(new byte[5_000_000]).AsTask();
        Task closed = peer.Connection.CloseAsync(CloseCode.GoingAway, "stop");
        Assert.Equal(5_000_000, (await ReadMessageAsync(peer)).Length);
        Assert.Equal((1001, "stop"), await peer.ReadCloseAsync());
        await peer.AnswerCloseAsync();
        await Task.WhenAll(sent, closed).WaitAsync(_patience);
    }

    [Fact]
    public async Task The_closing_token_tells_a_handler_that_waits_for_something_else()
    {
        await using RawPeer peer = await ConnectAsync();
        Task handler = peer.Connection.RunAsync(connection => Task.Delay(Timeout.Infinite, connection.Closing));
        await peer.AnswerCloseAsync();
        Assert.Equal(1000, (await peer.ReadCloseAsync()).Code);
        await handler.WaitAsync(_patience);
    }

    [Fact]
    public async Task A_callback_of_the_closing_token_that_throws_fails_its_handler_and_nothing_else()
    {
        await using RawPeer peer = await ConnectAsync();
        bool others = false;
        var registered = new TaskCompletionSource();
        Task handler = peer.Connection.RunAsync(async connection =>
        {
            connection.Closing.Register(() => others = true);
            connection.Closing.Register(() => throw new InvalidDataException("broken"));
            registered.SetResult();
            await connection.ReceiveAsync();
        });
        await registered.Task;
        await peer.AnswerCloseAsync();
        Assert.Equal(1000, (await peer.ReadCloseAsync()).Code);
        var error = await Assert.ThrowsAsync<AggregateException>(() => handler.WaitAsync(_patience));
        Assert.Equal("broken", error.InnerException!.Message);
        Assert.True(others);
    }

    [Fact]
    public async Task Two_receives_at_a_time_are_refused()
    {
        await using RawPeer peer = await ConnectAsync();
        Task<Message> first = peer.Connection.ReceiveAsync().AsTask();
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await peer.Connection.ReceiveAsync());
        await peer.SendTextAsync("for the first");
        Assert.Equal("for the first", (await first).ToString());
    }

    [Fact]
    public void A_limit_that_cannot_be_kept_is_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new WebSocketConnectionOptions { MaxRemotePayload = -1 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new WebSocketConnectionOptions { FragmentSize = -1 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new WebSocketConnectionOptions { SendBacklogLimit = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(
            () => new WebSocketConnectionOptions { CloseTimeout = TimeSpan.FromDays(60) });
    }

    private static async Task EchoAsync(WebSocketConnection connection)
    {
        while (true)
        {
            Message message = await connection.ReceiveAsync();
            if (message.IsClose) break;
            await connection.SendAsync(message);
        }
    }

    private static async Task<string> ReadMessageAsync(RawPeer peer)
    {
        var text = new StringBuilder();
        while (true)
        {
            (_, bool fin, byte[] payload) = await peer.ReadFrameAsync();
            text.Append(Encoding.Latin1.GetString(payload));
            if (fin) return text.ToString();
        }
    }
}
