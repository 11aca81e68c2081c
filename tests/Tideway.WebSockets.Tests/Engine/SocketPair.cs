using System.Net;
using System.Net.Sockets;
using Tideway.WebSockets.Engine;

namespace Tideway.WebSockets.Tests.Engine;

/// <summary>A socket on a loop with a scripted owner, and the platform's socket that it is connected to.</summary>
internal sealed class SocketPair : IAsyncDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);

    private SocketPair(Socket peer, LoopListener listener, LoopSocket socket, ScriptedOwner owner) =>
        (Peer, Listener, Socket, Owner) = (peer, listener, socket, owner);

    public Socket Peer { get; }

    /// <summary>Where the socket came in. It is closed.</summary>
    public LoopListener Listener { get; }

    public LoopSocket Socket { get; }

    public ScriptedOwner Owner { get; }

    public static async Task<SocketPair> ConnectAsync(
        EventLoopGroup loops, SocketEvents events = SocketEvents.None, EndPoint? endPoint = null)
    {
        var owner = new ScriptedOwner();
        var arrived = new TaskCompletionSource<LoopSocket>(TaskCreationOptions.RunContinuationsAsynchronously);
        endPoint ??= new IPEndPoint(IPAddress.Loopback, 0);
        LoopListener listener = LoopListener.Start(loops, endPoint, new LoopListenerOptions(), socket =>
        {
            socket.Attach(owner, events);
            arrived.SetResult(socket);
        });
        Socket peer = await ConnectAsync(listener.EndPoint);
        LoopSocket socket = await arrived.Task.WaitAsync(_patience);
        await listener.CloseAsync().WaitAsync(_patience);
        return new SocketPair(peer, listener, socket, owner);
    }

    public static async Task<Socket> ConnectAsync(EndPoint endPoint)
    {
        bool isUnix = endPoint.AddressFamily == AddressFamily.Unix;
        ProtocolType protocol = isUnix ? ProtocolType.Unspecified : ProtocolType.Tcp;
        var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, protocol);
        if (!isUnix) socket.NoDelay = true;
        try
        {
            await socket.ConnectAsync(endPoint);
        }
        catch
        {
            socket.Dispose();
            throw;
        }

        return socket;
    }

    /// <summary>Runs an action on the socket's loop, and waits for it.</summary>
    public Task RunAsync(Action action) => Socket.Loop.RunAsync(action);

    /// <summary>Reads exactly so many bytes at the peer.</summary>
    public async Task<byte[]> ReadAsync(int count)
    {
        using var patience = new CancellationTokenSource(_patience);
        byte[] bytes = new byte[count];
        for (int have = 0; have < count;)
        {
            int received = await Peer.ReceiveAsync(bytes.AsMemory(have), patience.Token);
            Assert.True(received > 0, $"The stream ended after {have} bytes.");
            have += received;
        }

        return bytes;
    }

    /// <summary>Reads the end of the stream at the peer; answers the error if it is a reset.</summary>
    public static async Task<SocketError> ReadEndAsync(Socket peer)
    {
        try
        {
            using var patience = new CancellationTokenSource(_patience);
            Assert.Equal(0, await peer.ReceiveAsync(new byte[1], patience.Token));
            return SocketError.Success;
        }
        catch (SocketException exception)
        {
            return exception.SocketErrorCode;
        }
    }

    public async ValueTask DisposeAsync()
    {
        Peer.Dispose();
        await RunAsync(() => Socket.Close());
    }
}
