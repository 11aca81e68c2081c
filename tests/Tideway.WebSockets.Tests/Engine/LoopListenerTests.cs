using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Tideway.WebSockets.Engine;

namespace Tideway.WebSockets.Tests.Engine;

/// <summary>Accepting connections: to which loops they come, how many, and what an end in the middle does.</summary>
public sealed class LoopListenerTests : IDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);
    private static readonly IPEndPoint _anyPort = new(IPAddress.Loopback, 0);
    private readonly EventLoopGroup _loops = new("listen-test", 3);
    private readonly ConcurrentQueue<LoopSocket> _accepted = new();

    [Fact]
    public async Task Connections_are_spread_evenly_over_the_loops()
    {
        LoopListener listener = Start(_anyPort);
        Socket[] clients = await ConnectAsync(listener, 30);
        Assert.Equal([10, 10, 10], _loops.Loops.Select(loop => _accepted.Count(socket => socket.Loop == loop)));
        Assert.Equal(30, listener.Connections);
        Assert.Equal(31, _loops.OpenSockets); // And the listener.
        await EndAsync(listener, clients);
    }

    [Fact]
    public async Task More_connections_than_allowed_are_closed_as_they_come_until_others_are_closed()
    {
        int told = 0;
        LoopListener listener = Start(_anyPort, new() { MaxConnections = 2, OnRefused = () => told++ });
        Socket[] clients = await ConnectAsync(listener, 2);
        await ConnectToBeCutAsync(listener);
        foreach (EventLoop loop in _loops.Loops) await loop.RunAsync(() => { }); // It is told behind the cut.
        Assert.Equal((1, 1, 2), (listener.Refused, told, listener.Connections));

        Assert.True(_accepted.TryDequeue(out LoopSocket? closing));
        await closing.Loop.RunAsync(() => closing.Close());
        Assert.Equal(1, listener.Connections);
        Socket[] more = await ConnectAsync(listener, 1);
        Assert.Equal((1, 2), (listener.Refused, listener.Connections));
        await EndAsync(listener, [.. clients, .. more]);
    }

    [Fact]
    public async Task A_unix_socket_is_listened_on_and_its_file_goes_with_it()
    {
        string path = Path.Combine(Path.GetTempPath(), $"tideway-{Guid.NewGuid():N}");
        LoopListener listener = Start(new UnixDomainSocketEndPoint(path));
        Socket[] clients = await ConnectAsync(listener, 3);
        Assert.All(_accepted, socket => Assert.Null(socket.RemoteEndPoint));
        await EndAsync(listener, clients);
        Assert.False(File.Exists(path));
    }

    [Fact]
    public async Task All_addresses_include_those_of_IPv4()
    {
        Assert.SkipUnless(Socket.OSSupportsIPv6, "This system has no IPv6.");
        LoopListener listener = Start(new IPEndPoint(IPAddress.IPv6Any, 0));
        int port = ((IPEndPoint)listener.EndPoint).Port;
        using Socket client = await SocketPair.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port));
        await LoopExtensions.UntilAsync(() => _accepted.Count == 1);
        await EndAsync(listener, client);
    }

    [Fact]
    public void An_address_in_use_is_refused_at_the_start()
    {
        LoopListener listener = Start(_anyPort);
        var refused = Assert.Throws<SocketException>(() => Start(listener.EndPoint));
        Assert.Equal(SocketError.AddressAlreadyInUse, refused.SocketErrorCode);
    }

    [Fact]
    public async Task A_listener_closed_while_clients_connect_leaves_nothing_behind()
    {
        for (int round = 0; round < 20; round++)
        {
            LoopListener listener = Start(_anyPort);
            Task connecting = ConnectUntilRefusedAsync(listener, 3);
            await LoopExtensions.UntilAsync(() => _accepted.Count > round);
            Task closed = listener.CloseAsync();
            Assert.Same(closed, listener.CloseAsync());
            await closed.WaitAsync(_patience);
            await connecting.WaitAsync(_patience);
            await LoopExtensions.UntilAsync(() => listener.Connections == 0 && _loops.OpenSockets == 0);
            _accepted.Clear();
        }
    }

    [Fact]
    public async Task A_listener_closed_at_once_closes()
    {
        for (int round = 0; round < 300; round++)
        {
            LoopListener listener = Start(_anyPort);
            await listener.CloseAsync().WaitAsync(_patience);
            await Assert.ThrowsAsync<SocketException>(() => SocketPair.ConnectAsync(listener.EndPoint));
        }

        Assert.Equal(0, _loops.OpenSockets);
    }

    [Fact]
    public async Task Loops_that_end_while_clients_connect_close_every_connection()
    {
        for (int round = 0; round < 20; round++)
        {
            using var loops = new EventLoopGroup("ending", 2);
            LoopListener listener = LoopListener.Start(
                loops, _anyPort, new LoopListenerOptions(), CloseAtEnd);
            Task connecting = ConnectUntilRefusedAsync(listener, 3);
            await LoopExtensions.UntilAsync(() => listener.Connections > round);
            loops.Dispose();
            await connecting.WaitAsync(_patience);
            await LoopExtensions.UntilAsync(() => listener.Connections == 0);
            Assert.Equal(0, loops.OpenSockets);
            await listener.CloseAsync().WaitAsync(_patience);
        }
    }

    [Fact]
    public async Task Who_fails_to_take_a_connection_loses_that_one_only()
    {
        var failures = new ConcurrentQueue<string>();
        _loops.OwnerFailed += (_, exception) => failures.Enqueue(exception.Message);
        int number = 0;
        LoopListener listener = LoopListener.Start(_loops, _anyPort, new LoopListenerOptions(), socket =>
        {
            if (Interlocked.Increment(ref number) <= 3) throw new InvalidDataException("not this one");
            CloseAtEnd(socket);
            _accepted.Enqueue(socket);
        });
        for (int i = 0; i < 3; i++) // On each loop.
            Assert.Equal(SocketError.ConnectionReset, await ConnectToBeCutAsync(listener));

        Socket[] clients = await ConnectAsync(listener, 3);
        Assert.Equal(Enumerable.Repeat("not this one", 3), failures);
        Assert.Equal(3, listener.Connections);
        await EndAsync(listener, clients);
    }

    [Fact]
    public async Task Connections_that_do_not_end_by_the_deadline_are_cut_and_counted()
    {
        LoopListener listener = Start(_anyPort);
        Socket[] clients = await ConnectAsync(listener, 3);
        LoopSocket polite = _accepted.First();
        await AttachAsync(polite, new ScriptedOwner { Stopping = () => polite.Close() });
        foreach (LoopSocket socket in _accepted.Skip(1))
            await AttachAsync(socket, new ScriptedOwner { Aborted = _ => socket.Close(reset: true) });

        await listener.CloseAsync().WaitAsync(_patience);
        using var deadline = new CancellationTokenSource();
        Task<int> ending = listener.EndConnectionsAsync(deadline.Token);
        await LoopExtensions.UntilAsync(() => listener.Connections == 2);
        Assert.False(ending.IsCompleted);
        await deadline.CancelAsync();
        Assert.Equal(2, await ending.WaitAsync(_patience));
        SocketError[] ends = await Task.WhenAll(clients.Select(SocketPair.ReadEndAsync));
        Assert.Equal(2, ends.Count(end => end == SocketError.ConnectionReset));
        await EndAsync(listener, clients);
    }

    [Fact]
    public async Task Who_gets_a_connection_that_is_to_end_is_asked_to_end_it_also_on_another_group()
    {
        using var others = new EventLoopGroup("others", 1);
        LoopListener listener = Start(_anyPort);
        Socket[] clients = await ConnectAsync(listener, 2);
        LoopSocket[] sockets = [.. _accepted];

        // One has moved when the end begins; the other is between two owners.
        var moved = new ScriptedOwner { Stopping = () => sockets[0].Close() };
        await MoveAsync(sockets[0], others.Loops[0], moved);
        await AttachAsync(sockets[1], new ScriptedOwner());
        await listener.CloseAsync().WaitAsync(_patience);
        Task<int> ending = listener.EndConnectionsAsync(CancellationToken.None);
        await LoopExtensions.UntilAsync(() => listener.Connections == 1);
        await MoveAsync(sockets[1], others.Loops[0], new ScriptedOwner { Stopping = () => sockets[1].Close() });
        Assert.Equal(0, await ending.WaitAsync(_patience));
        await EndAsync(listener, clients);
    }

    public void Dispose() => _loops.Dispose();

    private LoopListener Start(EndPoint endPoint, LoopListenerOptions? options = null) =>
        LoopListener.Start(_loops, endPoint, options ?? new LoopListenerOptions(), socket =>
        {
            CloseAtEnd(socket);
            _accepted.Enqueue(socket);
        });

    /// <summary>The clients of these tests send nothing: what is told of one is its end.</summary>
    private static void CloseAtEnd(LoopSocket socket) =>
        socket.Attach(new ScriptedOwner { Ready = _ => socket.Close() }, SocketEvents.Readable);

    private static Task AttachAsync(LoopSocket socket, ScriptedOwner owner) =>
        socket.Loop.RunAsync(() => socket.Attach(owner, SocketEvents.None));

    private static async Task MoveAsync(LoopSocket socket, EventLoop target, ScriptedOwner owner)
    {
        var arrived = new TaskCompletionSource();
        await socket.Loop.RunAsync(() => socket.MoveTo(target, socket =>
        {
            socket.Attach(owner, SocketEvents.None);
            arrived.SetResult();
        }));
        await arrived.Task.WaitAsync(_patience);
    }

    private async Task<Socket[]> ConnectAsync(LoopListener listener, int count)
    {
        int before = _accepted.Count;
        var clients = new Socket[count];
        for (int i = 0; i < count; i++) clients[i] = await SocketPair.ConnectAsync(listener.EndPoint);
        await LoopExtensions.UntilAsync(() => _accepted.Count == before + count);
        return clients;
    }

    /// <summary>Connects and waits for the end, which may come as early as inside the connect.</summary>
    private static async Task<SocketError> ConnectToBeCutAsync(LoopListener listener)
    {
        try
        {
            using Socket lost = await SocketPair.ConnectAsync(listener.EndPoint);
            return await SocketPair.ReadEndAsync(lost);
        }
        catch (SocketException exception)
        {
            return exception.SocketErrorCode;
        }
    }

    private static Task ConnectUntilRefusedAsync(LoopListener listener, int clients) =>
        Task.WhenAll(Enumerable.Range(0, clients).Select(_ => Task.Run(() => ConnectUntilRefusedAsync(listener))));

    private static async Task ConnectUntilRefusedAsync(LoopListener listener)
    {
        var clients = new List<Socket>();
        try
        {
            while (clients.Count < 200) clients.Add(await SocketPair.ConnectAsync(listener.EndPoint));
        }
        catch (SocketException)
        {
        }

        foreach (Socket client in clients) client.Dispose();
    }

    private async Task EndAsync(LoopListener listener, params Socket[] clients)
    {
        foreach (Socket client in clients) client.Dispose();
        await listener.CloseAsync().WaitAsync(_patience);
        await LoopExtensions.UntilAsync(() => listener.Connections == 0 && _loops.OpenSockets == 0);
    }
}
