using System.Net;
using System.Net.Sockets;
using Tideway.WebSockets.Connections;
using Tideway.WebSockets.Engine;
using Tideway.WebSockets.Framing;
using Tideway.WebSockets.Tests.Engine;

namespace Tideway.WebSockets.Tests.Connections;

public sealed class AllocationTests
{
    [Theory]
    [InlineData(20, 1)]
    [InlineData(20, 16)]
    [InlineData(1024, 16)]
    [InlineData(16384, 1)]
    public async Task An_echo_on_a_loop_allocates_nothing(int payload, int depth)
    {
        const int Rounds = 2000;
        const long OfTheMeasurement = 2048;
        using var loops = new EventLoopGroup("allocation", 1);
        EventLoop loop = loops.Loops[0];
        LoopListener listener = LoopListener.Start(
            loops, new IPEndPoint(IPAddress.Loopback, 0), new LoopListenerOptions(), socket => WebSocketConnection
                .Create(socket, WebSocketRole.Server, new WebSocketConnectionOptions())
                .Start(EchoAsync, static (_, _) => { }));
        using var client = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await client.ConnectAsync(listener.EndPoint);
        byte[] frame = RawPeer.Frame(Opcode.Binary, new byte[payload]);
        byte[] messages = [.. Enumerable.Repeat(frame, depth).SelectMany(bytes => bytes)];
        byte[] answer = new byte[(frame.Length - 4) * depth];

        Exchange(Rounds);
        long before = await loop.RunAsync(GC.GetAllocatedBytesForCurrentThread);
        Exchange(Rounds);
        long after = await loop.RunAsync(GC.GetAllocatedBytesForCurrentThread);

        Assert.InRange(after - before, 0, OfTheMeasurement);
        await listener.CloseAsync();

        void Exchange(int rounds)
        {
            for (int round = 0; round < rounds; round++)
            {
                client.Send(messages);
                for (int got = 0; got < answer.Length;) got += client.Receive(answer.AsSpan(got));
            }
        }
    }

    private static async Task EchoAsync(WebSocketConnection connection)
    {
        while (await connection.ReceiveAsync() is { IsClose: false } message) await connection.SendAsync(message);
    }
}
