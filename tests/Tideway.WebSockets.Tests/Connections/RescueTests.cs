using System.Buffers;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Tideway.WebSockets.Connections;
using Tideway.WebSockets.Engine;
using Tideway.WebSockets.Framing;

namespace Tideway.WebSockets.Tests.Connections;

/// <summary>Messages are read in buffers that all connections of a loop share, and in pooled ones. No handler may
/// notice: not when it awaits, nor when other threads read, nor when it keeps what it should not.</summary>
public sealed class RescueTests : IDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);
    private readonly EventLoopGroup _loops = new("rescue", 1);
    private readonly ConcurrentQueue<string> _wrong = new();

    [Fact]
    public async Task Two_hundred_connections_of_one_loop_never_see_each_others_bytes()
    {
        const int Connections = 200;
        var time = TimeSpan.FromSeconds(3);
        int number = 0;
        LoopListener listener = LoopListener.Start(
            _loops,
            new IPEndPoint(IPAddress.Loopback, 0),
            new LoopListenerOptions(),
            socket =>
            {
                byte id = (byte)number++;
                WebSocketConnection.Create(socket, WebSocketRole.Server, new() { MaxRemotePayload = 100_000 }).Start(
                    connection => HandleAsync(connection, id),
                    (_, error) =>
                    {
                        if (error is not null) _wrong.Enqueue(error.ToString());
                    });
            });

        // In order, so that each knows its number.
        var peers = new Socket[Connections];
        for (int i = 0; i < Connections; i++)
        {
            peers[i] = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            await peers[i].ConnectAsync(listener.EndPoint);
        }

        Task<long>[] sending = [.. Enumerable.Range(0, 2).Select(half => Task.Run(() =>
            SendUntil(DateTime.UtcNow + time, [.. peers.Index().Where(peer => peer.Index % 2 == half)])))];
        long messages = (await Task.WhenAll(sending).WaitAsync(_patience)).Sum();
        foreach (Socket peer in peers) peer.Dispose();
        await listener.CloseAsync();
        using var deadline = new CancellationTokenSource(_patience);
        Assert.Equal(0, await listener.EndConnectionsAsync(deadline.Token));
        Assert.Empty(_wrong);
        Assert.True(messages > 1000, $"{messages} messages only");
    }

    public void Dispose() => _loops.Dispose();

    /// <summary>Sends random batches of messages on random connections, all of whose bytes are its number.</summary>
    private static long SendUntil(DateTime end, (int Number, Socket Socket)[] peers)
    {
        var random = new Random(peers[0].Number);
        var batch = new ArrayBufferWriter<byte>();
        long messages = 0;
        while (DateTime.UtcNow < end)
        {
            (int number, Socket socket) = peers[random.Next(peers.Length)];
            batch.Clear();
            for (int i = random.Next(1, 6); i > 0; i--, messages++)
            {
                byte[] payload = new byte[random.Next(10) == 0 ? random.Next(20_000) : random.Next(300)];
                payload.AsSpan().Fill((byte)number);
                int cut = random.Next(5) == 0 ? random.Next(payload.Length + 1) : 0;
                if (cut > 0) batch.Write(RawPeer.Frame(Opcode.Binary, payload.AsSpan(0, cut), fin: false));
                batch.Write(RawPeer.Frame(cut > 0 ? Opcode.Continuation : Opcode.Binary, payload.AsSpan(cut)));
            }

            // Cut anywhere, so that messages are read in the loop's buffer, in kept ones, and in pieces.
            int first = random.Next(batch.WrittenCount);
            socket.Send(batch.WrittenSpan[..first]);
            socket.Send(batch.WrittenSpan[first..]);
        }

        return messages;
    }

    private async Task HandleAsync(WebSocketConnection connection, byte id)
    {
        var random = new Random(id);
        ReadOnlyMemory<byte> last = default;
        ArraySegment<byte> kept = default;
        MemoryHandle pin = default;
        var others = new List<Task>();
        while (await connection.ReceiveAsync() is { IsClose: false } message)
        {
            ReadOnlyMemory<byte> data = message.Data;
            Check(data.Span, id, "at once");
            Check(kept, id, "an array given out with the last message");
            ReadOnlyMemory<byte> stale = last;
            switch (random.Next(8))
            {
                case 0:
                    await Task.Yield();
                    break;
                case 1:
                    await Task.Delay(random.Next(3));
                    break;
                case 2:
                    // Another thread reads, and so do we meanwhile.
                    Task reading = Task.Run(() => Check(data.Span, id, "on another thread"));
                    for (int i = 0; i < 50; i++) Check(data.Span, id, "while another thread reads");
                    await reading;
                    break;
                case 3:
                    // Another thread goes on reading when it should not any more, whatever it then finds.
                    others.Add(Task.Run(() => CheckStale(data, id)));
                    if (random.Next(2) == 0) await Task.Yield();
                    break;
                case 4:
                    CheckStale(stale, id);
                    others.Add(Task.Run(() => CheckStale(stale, id)));
                    break;
                case 5:
                    await Task.Run(() => MemoryMarshal.TryGetArray(data, out kept));
                    break;
                case 6:
                    pin.Dispose();
                    pin = data.Pin();
                    await Task.Yield();
                    break;
            }

            Check(data.Span, id, "after an await");
            last = data;
            if (others.Count > 20)
            {
                await Task.WhenAll(others);
                others.Clear();
            }
        }

        await Task.WhenAll(others);
        pin.Dispose();
    }

    private void CheckStale(ReadOnlyMemory<byte> data, byte id)
    {
        for (int i = 0; i < 20; i++)
        {
            try
            {
                Check(data.Span, id, "too late");
            }
            catch (ArgumentOutOfRangeException)
            {
                // It is empty by now, or a shorter message.
            }
        }
    }

    private void Check(ReadOnlySpan<byte> data, byte id, string when)
    {
        int foreign = data.IndexOfAnyExcept(id);
        if (foreign >= 0) _wrong.Enqueue($"{id} read {data[foreign]} at {foreign} of {data.Length} {when}");
        if (_wrong.Count > 10) throw new InvalidOperationException("Enough is wrong.");
    }
}
