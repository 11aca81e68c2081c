using Tideway.WebSockets.Compression;
using Tideway.WebSockets.Connections;
using Tideway.WebSockets.Engine;
using Tideway.WebSockets.Framing;
using Tideway.WebSockets.Handshake;
using Tideway.WebSockets.Tests.Engine;

namespace Tideway.WebSockets.Tests.Connections;

/// <summary>What connections of one loop owe each other: their turn, and no work for the collector.</summary>
public sealed class SharedLoopTests : IDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);
    private readonly EventLoopGroup _loops = new("shared-loop", 1);

    private EventLoop Loop => _loops.Loops[0];

    [Theory]
    [InlineData("messages, which are echoed")]
    [InlineData("messages, which nobody receives")]
    [InlineData("pings")]
    [InlineData("fragments of one message")]
    public async Task A_connection_is_answered_while_another_is_flooded(string flood)
    {
        await using RawPeer flooding = await ConnectAsync();
        await using RawPeer quiet = await ConnectAsync();
        if (flood == "messages, which are echoed") flooding.Connection.Start(EchoAsync, static (_, _) => { });
        else if (flood != "messages, which nobody receives")
            flooding.Connection.Start(IgnoreAsync, static (_, _) => { });
        quiet.Connection.Start(EchoAsync, static (_, _) => { });
        byte[] frame = flood switch
        {
            "pings" => RawPeer.Frame(Opcode.Ping, new byte[10]),
            "fragments of one message" => RawPeer.Frame(Opcode.Continuation, [], fin: false),
            _ => RawPeer.Frame(Opcode.Binary, new byte[10]),
        };
        if (flood == "fragments of one message") await flooding.SendAsync(Opcode.Binary, [], fin: false);
        byte[] batch = [.. Enumerable.Repeat(frame, 10_000).SelectMany(frame => frame)];
        using var stop = new CancellationTokenSource();
        Task sending = Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested) await flooding.SendBytesAsync(batch);
        });
        Task reading = Task.Run(flooding.ReadUntilCutAsync);

        for (int i = 0; i < 50; i++)
        {
            await quiet.SendTextAsync($"{i}");
            Assert.Equal($"{i}", System.Text.Encoding.UTF8.GetString((await quiet.ReadFrameAsync()).Payload));
        }

        await stop.CancelAsync();
        flooding.Connection.Abort();
        await Record.ExceptionAsync(() => sending.WaitAsync(_patience));
        await reading.WaitAsync(_patience);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_callback_that_throws_at_the_end_costs_its_connection_and_is_reported(bool atOnce)
    {
        var reported = new TaskCompletionSource<Exception>(TaskCreationOptions.RunContinuationsAsynchronously);
        _loops.OwnerFailed += (_, exception) => reported.TrySetResult(exception);
        await using RawPeer peer = await ConnectAsync();
        peer.Connection.Start(
            async connection =>
            {
                if (!atOnce) await connection.ReceiveAsync();
            },
            (_, _) => throw new InvalidDataException("no log today"));
        if (!atOnce) await peer.SendTextAsync("go");
        Assert.Equal("no log today", (await reported.Task.WaitAsync(_patience)).Message);
        await peer.Connection.Completion.WaitAsync(_patience);
    }

    [Fact]
    public async Task A_connection_is_answered_while_handlers_of_others_yield_without_end()
    {
        await using RawPeer quiet = await ConnectAsync();
        quiet.Connection.Start(EchoAsync, static (_, _) => { });
        await using RawPeer busy = await ConnectAsync();
        busy.Connection.Start(
            static connection => Task.WhenAll(Enumerable.Range(0, 100).Select(_ => YieldAsync(connection))),
            static (_, _) => { });
        for (int i = 0; i < 100; i++)
        {
            await quiet.SendTextAsync("x");
            Assert.Equal(Opcode.Text, (await quiet.ReadFrameAsync()).Opcode);
        }

        static async Task YieldAsync(WebSocketConnection connection)
        {
            while (connection.CloseReason is null) await Task.Yield();
        }
    }

    [Theory]
    [InlineData(20, 1)]
    [InlineData(20, 16)]
    [InlineData(1024, 1)]
    [InlineData(1024, 16)]
    [InlineData(16384, 16)]
    public async Task An_echoed_message_allocates_nothing_on_the_loop(int length, int depth)
    {
        const int Messages = 12_000;
        await using RawPeer peer = await ConnectAsync();
        peer.Connection.Start(EchoAsync, static (_, _) => { });
        await EchoAsync(peer, length, depth, Messages / 4);
        long before = await Loop.RunAsync(GC.GetAllocatedBytesForCurrentThread);
        await EchoAsync(peer, length, depth, Messages);
        long allocated = await Loop.RunAsync(GC.GetAllocatedBytesForCurrentThread) - before;

        // The smallest object has 24 bytes. The pool may have been trimmed by a collection meanwhile.
        Assert.InRange(allocated, 0, 8 * Messages);
    }

    [Theory]
    [InlineData(1000, true)]
    [InlineData(1000, false)]
    [InlineData(20_000, false)]
    public async Task An_echoed_compressed_message_allocates_nothing_on_the_loop(int length, bool keepsContext)
    {
        const int Messages = 4000;
        await using RawPeer peer = await RawPeer.ConnectToLoopAsync(
            _loops, WebSocketRole.Server, new(), null, new CompressionAgreement(keepsContext, keepsContext, 15, 15));
        peer.Connection.Start(EchoAsync, static (_, _) => { });
        using var deflater = new Deflater(6, 15);
        byte[] text = [.. Enumerable.Range(0, length).Select(i => (byte)('a' + i * i % 23))];
        byte[] deflated = deflater.Deflate(text, keepsContext: false, out int size)[..size];
        byte[] frame = RawPeer.Frame(Opcode.Binary, deflated, compressed: true);
        await SendAsync(Messages / 2);
        long before = await Loop.RunAsync(GC.GetAllocatedBytesForCurrentThread);
        await SendAsync(Messages);
        long allocated = await Loop.RunAsync(GC.GetAllocatedBytesForCurrentThread) - before;
        Assert.InRange(allocated, 0, 8 * Messages);
        Assert.Equal(peer.Connection.BytesReceived, peer.Connection.Compression!.DeflateBytesIn);

        async Task SendAsync(int count)
        {
            for (int i = 0; i < count; i++)
            {
                await peer.SendBytesAsync(frame);
                await peer.ReadFrameAsync();
                Assert.True(peer.IsCompressed);
            }
        }
    }

    public void Dispose() => _loops.Dispose();

    private static async Task EchoAsync(WebSocketConnection connection)
    {
        while (await connection.ReceiveAsync() is { IsClose: false } message) await connection.SendAsync(message);
    }

    private static async Task IgnoreAsync(WebSocketConnection connection)
    {
        while (!(await connection.ReceiveAsync()).IsClose) continue;
    }

    /// <summary>Echoes messages in flights of so many, and reads no more than their length.</summary>
    private static async Task EchoAsync(RawPeer peer, int length, int depth, int count)
    {
        byte[] flight = [.. Enumerable.Repeat(RawPeer.Frame(Opcode.Binary, new byte[length]), depth)
            .SelectMany(frame => frame)];
        int answer = depth * (new FrameHeader(fin: true, Opcode.Binary, masked: false, 0, length).Length + length);
        for (int i = 0; i < count; i += depth)
        {
            await peer.SendBytesAsync(flight);
            await peer.SkipAsync(answer);
        }
    }

    private Task<RawPeer> ConnectAsync() =>
        RawPeer.ConnectToLoopAsync(_loops, WebSocketRole.Server, new() { MaxRemotePayload = int.MaxValue });
}
