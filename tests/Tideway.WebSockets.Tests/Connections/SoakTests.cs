using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Tideway.WebSockets.Connections;
using Tideway.WebSockets.Engine;
using Tideway.WebSockets.Framing;
using Tideway.WebSockets.Tests.Engine;

namespace Tideway.WebSockets.Tests.Connections;

/// <summary>Runs when nothing else does, since it counts the descriptors and the memory of the whole process.</summary>
[Collection(nameof(SoakTests))]
[CollectionDefinition(nameof(SoakTests), DisableParallelization = true)]
public sealed class SoakTests
{
    private const int Steps = 100_000;
    private const int Users = 8;
    private const int SocketsOfAUser = 60;
    private readonly ConcurrentQueue<WeakReference> _connections = new();

    [Fact]
    public async Task A_hundred_thousand_random_steps_of_rude_peers_leave_nothing_behind()
    {
        int seed = Environment.TickCount;
        TestContext.Current.SendDiagnosticMessage($"soak: seed {seed}");
        using var loops = new EventLoopGroup("soak", 2);
        LoopListener listener = LoopListener.Start(
            loops, new IPEndPoint(IPAddress.Loopback, 0), new LoopListenerOptions(), Serve);
        int descriptors = CountDescriptors();
        await RunAsync(Steps / 4, seed);
        long early = await SettleAsync();

        await RunAsync(Steps * 3 / 4, seed + 1);
        long late = await SettleAsync();

        Assert.Equal(1, loops.OpenSockets); // The listener's own.
        Assert.InRange(CountDescriptors(), 0, descriptors + 5);

        // No connection is kept by anything, and no buffers but those that the pool keeps of each size.
        Assert.InRange(_connections.Count, 1000, Steps);
        Assert.InRange(_connections.Count(connection => connection.IsAlive), 0, 20);
        Assert.InRange(late - early, long.MinValue, 16 << 20);
        await listener.CloseAsync();
        await LoopExtensions.UntilAsync(() => loops.OpenSockets == 0);

        Task RunAsync(int steps, int seed) => Task.WhenAll(Enumerable.Range(0, Users).Select(
            user => Task.Run(() => Behave(listener.EndPoint, new Random(seed + (user * 1000)), steps / Users))));

        async Task<long> SettleAsync()
        {
            await LoopExtensions.UntilAsync(() => listener.Connections == 0);
            return GC.GetTotalMemory(forceFullCollection: true);
        }
    }

    private void Serve(LoopSocket socket)
    {
        WebSocketConnection connection = WebSocketConnection.Create(
            socket, WebSocketRole.Server, new() { MaxRemotePayload = 100_000, CloseTimeout = TimeSpan.FromSeconds(1) });
        _connections.Enqueue(new WeakReference(connection));
        connection.Start(
            async connection =>
            {
                int number = 0;
                while (await connection.ReceiveAsync() is { IsClose: false } message)
                {
                    if (++number % 7 == 0) await Task.Yield(); // Outlives its turn.
                    if (number % 11 == 0) await Task.Run(() => connection.SendAsync(message).AsTask());
                    else await connection.SendAsync(message);
                    if (number % 97 == 0) connection.Abort();
                    if (number % 89 == 0) throw new InvalidOperationException("a handler that fails");
                }
            },
            static (_, _) => { });
    }

    /// <summary>Connects, talks, breaks off and breaks rules, as chance has it.</summary>
    private static void Behave(EndPoint server, Random random, int steps)
    {
        var sockets = new List<Socket>();
        byte[] small = RawPeer.Frame(Opcode.Binary, new byte[20]);
        byte[] large = RawPeer.Frame(Opcode.Text, new byte[70_000]);
        byte[] close = RawPeer.Frame(Opcode.Close, [3, 232]);
        byte[] ping = RawPeer.Frame(Opcode.Ping, new byte[100]);
        byte[] buffer = new byte[65536];
        for (int step = 0; step < steps; step++)
        {
            if (sockets.Count < 2 || (sockets.Count < SocketsOfAUser && random.Next(5) == 0))
            {
                var fresh = new Socket(SocketType.Stream, ProtocolType.Tcp);
                fresh.Connect(server);
                fresh.Blocking = false;
                sockets.Add(fresh);
                continue;
            }

            int which = random.Next(sockets.Count);
            Socket socket = sockets[which];
            switch (random.Next(14))
            {
                case 0: Send(socket, close); break;
                case 1: Send(socket, ping); break;
                case 2: Send(socket, large); break;
                case 3: Send(socket, small.AsSpan(0, random.Next(small.Length))); break;
                case 4: socket.Shutdown(SocketShutdown.Send); break;
                case 5: End(reset: true); break;
                case 6: End(reset: false); break;
                case 7: case 8: case 9: Receive(socket, buffer); break;
                default: Send(socket, small); break;
            }

            void End(bool reset)
            {
                if (reset) socket.LingerState = new LingerOption(true, 0);
                socket.Dispose();
                sockets.RemoveAt(which);
            }
        }

        foreach (Socket socket in sockets) socket.Dispose();
    }

    private static void Send(Socket socket, ReadOnlySpan<byte> bytes) =>
        socket.Send(bytes, SocketFlags.None, out SocketError _);

    private static void Receive(Socket socket, byte[] buffer) =>
        socket.Receive(buffer, 0, buffer.Length, SocketFlags.None, out SocketError _);

    private static int CountDescriptors() => Directory.GetFiles("/proc/self/fd").Length;
}
