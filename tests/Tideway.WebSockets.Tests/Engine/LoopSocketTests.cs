using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Tideway.WebSockets.Engine;

namespace Tideway.WebSockets.Tests.Engine;

/// <summary>One socket on a loop: what it answers, what it tells its owner, and how it ends.</summary>
public sealed class LoopSocketTests : IDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);
    private readonly EventLoopGroup _loops = new("sockettest", 1);

    [Fact]
    public async Task What_the_kernel_does_not_take_is_told_and_goes_on_when_there_is_room()
    {
        await using SocketPair pair = await SocketPair.ConnectAsync(_loops);
        byte[] data = new byte[20_000_000];
        new Random(1).NextBytes(data);
        int sent = 0;
        void Send()
        {
            int taken;
            while (sent < data.Length && (taken = pair.Socket.Send(data.AsSpan(sent))) > 0) sent += taken;
        }

        pair.Owner.Ready = events =>
        {
            if ((events & SocketEvents.Writable) != 0) Send();
            if (sent == data.Length) pair.Socket.Watch(SocketEvents.None, SocketEvents.Writable);
        };
        await pair.RunAsync(() =>
        {
            Send();
            Assert.InRange(sent, 1, data.Length - 1);
            Assert.Equal(0, pair.Socket.Send("no room"u8));
            Assert.InRange(pair.Socket.Loop.Counters.FullSockets, 2, 10);
            pair.Socket.Watch(SocketEvents.Writable);
        });
        Assert.Equal(data, await pair.ReadAsync(data.Length));
        await pair.RunAsync(() => Assert.Equal(data.Length, pair.Socket.Loop.Counters.BytesSent));
    }

    [Fact]
    public async Task An_event_of_a_closed_socket_is_not_told_to_the_next_that_has_its_descriptor()
    {
        // Another test may take the descriptor at that moment.
        for (int tries = 0; tries < 20; tries++)
            if (await TryReuseDescriptorOfReadySocketAsync()) return;
        Assert.Fail("The descriptor was never free.");
    }

    [Fact]
    public async Task The_owner_is_told_only_of_what_is_watched_and_at_once_if_it_is_so_already()
    {
        await using SocketPair pair = await SocketPair.ConnectAsync(_loops);
        var events = new ConcurrentQueue<SocketEvents>();
        pair.Owner.Ready = events.Enqueue;
        await pair.Peer.SendAsync("data"u8.ToArray());
        for (int turn = 0; turn < 10; turn++) await pair.RunAsync(() => { });
        Assert.Empty(events);

        pair.Owner.Ready = ready =>
        {
            pair.Socket.Watch(SocketEvents.None, ready);
            events.Enqueue(ready);
        };
        pair.Socket.Watch(SocketEvents.Readable);
        await LoopExtensions.UntilAsync(() => !events.IsEmpty);
        pair.Socket.Watch(SocketEvents.Writable);
        await LoopExtensions.UntilAsync(() => events.Count == 2);
        Assert.Equal([SocketEvents.Readable, SocketEvents.Writable], events);
        await pair.RunAsync(() => Assert.Equal(4, pair.Socket.Receive(new byte[100])));
        await pair.RunAsync(() => Assert.Equal(-SocketErrors.TryAgain, pair.Socket.Receive(new byte[100])));
    }

    [Fact]
    public async Task Each_direction_ends_by_itself()
    {
        await using SocketPair pair = await SocketPair.ConnectAsync(_loops);
        await pair.Peer.SendAsync("last"u8.ToArray());
        pair.Peer.Shutdown(SocketShutdown.Send);
        await ReceiveAsync(pair, 4);
        await ReceiveAsync(pair, 0);
        await pair.RunAsync(() => Assert.Equal(6, pair.Socket.Send("answer"u8)));
        await pair.RunAsync(pair.Socket.ShutdownSend);
        Assert.Equal("answer", Encoding.ASCII.GetString(await pair.ReadAsync(6)));
        Assert.Equal(SocketError.Success, await SocketPair.ReadEndAsync(pair.Peer));
    }

    [Fact]
    public async Task A_reset_is_told_although_nothing_is_watched()
    {
        await using SocketPair pair = await SocketPair.ConnectAsync(_loops);
        var told = new TaskCompletionSource<(SocketEvents Events, int Received, int Sent)>();
        pair.Owner.Ready = events =>
        {
            told.SetResult((events, pair.Socket.Receive(new byte[10]), pair.Socket.Send("x"u8)));
            pair.Socket.Close();
        };
        pair.Peer.LingerState = new LingerOption(true, 0);
        pair.Peer.Close();
        (SocketEvents events, int received, int sent) = await told.Task.WaitAsync(_patience);
        Assert.Equal(SocketEvents.Failed | SocketEvents.HungUp, events);
        Assert.Equal(-Libc.ConnectionReset, received);
        Assert.Equal(-SocketErrors.BrokenPipe, sent);
    }

    [Theory]
    [InlineData(false, SocketError.Success)]
    [InlineData(true, SocketError.ConnectionReset)]
    public async Task A_closed_socket_is_closed_once_and_for_all(bool reset, SocketError atPeer)
    {
        await using SocketPair pair = await SocketPair.ConnectAsync(_loops, SocketEvents.Readable);
        pair.Owner.Ready = _ => throw new InvalidOperationException("told after the close");
        await pair.RunAsync(() =>
        {
            pair.Socket.Close(reset);
            pair.Socket.Close();
            Assert.True(pair.Socket.IsClosed);
            Assert.Equal(-SocketErrors.BrokenPipe, pair.Socket.Send("x"u8));
            Assert.True(pair.Socket.Receive(new byte[1]) < 0);
            pair.Socket.Watch(SocketEvents.Writable);
            pair.Socket.SetTimer(TimeSpan.Zero);
            pair.Socket.ClearTimer();
            pair.Socket.ShutdownSend();
            pair.Socket.Abort();
        });
        Assert.Equal(atPeer, await SocketPair.ReadEndAsync(pair.Peer));
        Assert.Null(pair.Socket.LocalEndPoint);
        Assert.Equal(0, _loops.OpenSockets);
    }

    [Fact]
    public async Task An_abort_from_elsewhere_fails_the_socket_so_that_its_owner_closes_it()
    {
        await using SocketPair pair = await SocketPair.ConnectAsync(_loops, SocketEvents.Readable);
        var received = new TaskCompletionSource<int>();
        pair.Owner.Ready = _ =>
        {
            received.SetResult(pair.Socket.Receive(new byte[10]));
            pair.Socket.Close();
        };
        pair.Socket.Abort();
        Assert.Equal(0, await received.Task.WaitAsync(_patience));
        Assert.Equal(SocketError.Success, await SocketPair.ReadEndAsync(pair.Peer));
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    public async Task A_socket_knows_its_two_ends(string address)
    {
        Assert.SkipUnless(address != "::1" || Socket.OSSupportsIPv6, "This system has no IPv6.");
        var endPoint = new IPEndPoint(IPAddress.Parse(address), 0);
        await using SocketPair pair = await SocketPair.ConnectAsync(_loops, endPoint: endPoint);
        Assert.Equal(pair.Peer.LocalEndPoint, pair.Socket.RemoteEndPoint);
        Assert.Equal(pair.Peer.RemoteEndPoint, pair.Socket.LocalEndPoint);
        Assert.Equal($"socket {pair.Socket.Id} of {pair.Peer.LocalEndPoint}", pair.Socket.ToString());
    }

    [Fact]
    public async Task No_other_socket_gets_what_is_sent_while_one_closes()
    {
        // Threads send on a socket until it is closed; at once others are opened, which get the same descriptor number.
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        for (int round = 0; round < 50; round++)
        {
            await using SocketPair pair = await SocketPair.ConnectAsync(_loops);
            using var closed = new CancellationTokenSource();
            Thread[] threads = [.. Enumerable.Range(0, 3).Select(kind => new Thread(() =>
            {
                while (!closed.IsCancellationRequested)
                {
                    if (kind == 0) pair.Socket.Send("stray"u8);
                    else if (kind == 1) pair.Socket.Watch(SocketEvents.Writable, SocketEvents.Readable);
                    else pair.Socket.ShutdownSend();
                }
            }))];
            foreach (Thread thread in threads) thread.Start();
            (Socket, Socket)[] others = await pair.Socket.Loop.RunAsync(() =>
            {
                pair.Socket.Close();
                return new[] { Open(listener), Open(listener), Open(listener) };
            });
            await closed.CancelAsync();
            foreach (Thread thread in threads) thread.Join();
            foreach ((Socket client, Socket server) in others)
            {
                server.Send("own"u8);
                byte[] received = new byte[100];
                Assert.Equal("own", Encoding.ASCII.GetString(received, 0, client.Receive(received)));
                client.Send("own"u8);
                Assert.Equal("own", Encoding.ASCII.GetString(received, 0, server.Receive(received)));
                client.Dispose();
                server.Dispose();
            }
        }
    }

    [Fact]
    public async Task A_socket_that_moves_from_loop_to_loop_loses_nothing_in_either_direction()
    {
        const int Total = 200_000;
        using var loops = new EventLoopGroup("moving", 3);
        await using SocketPair pair = await SocketPair.ConnectAsync(loops);
        Task sending = Task.Run(() =>
        {
            for (int i = 0; i < Total; i += 4) pair.Peer.Send(BitConverter.GetBytes(i));
        });

        // On each arrival it receives a little, echoes that, and moves on, sometimes to the loop where it is.
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        int received = 0, moves = 0;
        byte[] buffer = new byte[1003];
        void Arrive(LoopSocket socket)
        {
            Assert.True(socket.Loop.IsCurrent);
            socket.Attach(new ScriptedOwner { Ready = _ => Receive() }, SocketEvents.Readable);
        }

        void Receive()
        {
            try
            {
                int count = pair.Socket.Receive(buffer);
                if (count == -SocketErrors.TryAgain) return;
                Assert.Equal(count, pair.Socket.Send(buffer.AsSpan(0, count)));
                received += count;
                if (received == Total) done.SetResult();
                else pair.Socket.MoveTo(loops.Loops[moves++ % 4 % 3], Arrive);
            }
            catch (Exception exception)
            {
                done.TrySetException(exception);
            }
        }

        await pair.RunAsync(() => Arrive(pair.Socket));
        byte[] echoed = await pair.ReadAsync(Total);
        await Task.WhenAll(sending, done.Task).WaitAsync(_patience);
        for (int i = 0; i < Total; i += 4) Assert.Equal(i, BitConverter.ToInt32(echoed, i));
        Assert.True(moves > 20, $"{moves} moves");
        await pair.RunAsync(() => pair.Socket.Close());
        Assert.Equal(0, loops.OpenSockets);
    }

    [Fact]
    public async Task What_is_watched_during_a_move_is_watched_after_it()
    {
        using var target = new EventLoopGroup("target", 1);
        for (int round = 0; round < 50; round++)
        {
            await using SocketPair pair = await SocketPair.ConnectAsync(_loops);
            var told = new TaskCompletionSource();
            var owner = new ScriptedOwner { Ready = _ => told.TrySetResult() };
            await pair.Peer.SendAsync("x"u8.ToArray());
            using var blocked = new ManualResetEventSlim();
            target.Loops[0].Post(_ => blocked.Wait(_patience), null);
            await pair.RunAsync(() => pair.Socket.MoveTo(
                target.Loops[0], socket => socket.Attach(owner, SocketEvents.Readable)));
            pair.Socket.Watch(SocketEvents.Readable); // It is between the loops now.
            blocked.Set();
            await told.Task.WaitAsync(_patience);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_move_to_a_loop_that_has_ended_closes_the_socket(bool sameLoop)
    {
        var ended = new EventLoopGroup("ended", 1);
        await using SocketPair pair = await SocketPair.ConnectAsync(sameLoop ? ended : _loops);
        bool arrived = false;
        if (!sameLoop) ended.Dispose();
        await pair.RunAsync(() =>
        {
            pair.Socket.MoveTo(ended.Loops[0], _ => arrived = true);
            if (sameLoop) ended.Dispose();
        });
        await SocketPair.ReadEndAsync(pair.Peer);
        Assert.True(pair.Socket.IsClosed);
        Assert.True(!arrived || sameLoop);
        Assert.Equal(0, ended.OpenSockets + _loops.OpenSockets);
    }

    public void Dispose() => _loops.Dispose();

    private async Task<bool> TryReuseDescriptorOfReadySocketAsync()
    {
        await using SocketPair first = await SocketPair.ConnectAsync(_loops, SocketEvents.Readable);
        await using SocketPair second = await SocketPair.ConnectAsync(_loops, SocketEvents.Readable);
        await using SocketPair spare = await SocketPair.ConnectAsync(_loops);
        var told = new ConcurrentQueue<SocketEvents>();
        spare.Owner.Ready = told.Enqueue;
        LoopSocket? next = null;
        bool reused = false;

        // Whichever has its turn first closes the other, whose event waits in the same batch.
        first.Owner.Ready = _ => Replace(first, second);
        second.Owner.Ready = _ => Replace(second, first);
        void Replace(SocketPair asked, SocketPair other)
        {
            Assert.Null(next);
            asked.Socket.Watch(SocketEvents.None, SocketEvents.Readable);
            int number = other.Socket.Descriptor;
            other.Socket.Close();
            int fd = Libc.Duplicate(spare.Socket.Descriptor, number);
            reused = fd == number;
            next = new LoopSocket(fd, asked.Socket.Loop, default, null);
            next.Loop.Add(next);
            next.Attach(spare.Owner, SocketEvents.None);
        }

        await first.RunAsync(() =>
        {
            first.Peer.Dispose();
            second.Peer.Dispose();
            while (first.Socket.Receive(new byte[1]) != 0 || second.Socket.Receive(new byte[1]) != 0) Thread.Yield();
        });
        for (int turn = 0; turn < 3; turn++) await first.RunAsync(() => { });
        await first.RunAsync(() => next!.Close());
        Assert.Empty(told);
        return reused;
    }

    private static (Socket Client, Socket Server) Open(Socket listener)
    {
        var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        client.Connect(listener.LocalEndPoint!);
        return (client, listener.Accept());
    }

    private static Task ReceiveAsync(SocketPair pair, int expected) => LoopExtensions.UntilAsync(() =>
    {
        int received = pair.Socket.Loop.RunAsync(() => pair.Socket.Receive(new byte[100])).GetAwaiter().GetResult();
        Assert.True(received == expected || received == -SocketErrors.TryAgain, $"received {received}");
        return received == expected;
    });
}
