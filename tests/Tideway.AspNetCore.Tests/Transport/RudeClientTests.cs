using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Tideway.AspNetCore.Tests.Endpoints;
using Tideway.WebSockets.Framing;

namespace Tideway.AspNetCore.Tests.Transport;

/// <summary>Many clients at once that ask, upgrade, talk, break off and break rules, as chance has it.</summary>
public sealed class RudeClientTests
{
    private const int Clients = 6;
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);
    private static readonly byte[] _request = "GET /greet HTTP/1.1\r\nHost: x\r\n\r\n"u8.ToArray();
    private static readonly byte[] _handshake = Encoding.Latin1.GetBytes(RawClient.Handshake);
    private static readonly byte[] _text = RawClient.Frame(Opcode.Text, new byte[100]);
    private static readonly byte[] _close = RawClient.Frame(Opcode.Close, [0x03, 0xE8]);

    [Fact]
    public async Task Thousands_of_steps_leave_no_connection_behind()
    {
        await using EchoApplication app = await StartAsync();
        await BehaveAsync(app.Port, steps: 12_000, CancellationToken.None);
        await UntilAsync(() => app.Loops!.OpenSockets == 2); // The listeners'.

        using RawClient last = await RawClient.ConnectAsync(app.Port);
        await last.SendAsync((byte[])[.. _handshake, .. _text]);
        await last.ReadHeadAsync();
        Assert.Equal(new byte[100], (await last.ReadFrameAsync()).Payload);
    }

    [Fact]
    public async Task A_stop_in_the_middle_of_it_ends_every_connection_in_time()
    {
        for (int round = 0; round < 2; round++)
        {
            await using EchoApplication app = await StartAsync();
            using var stop = new CancellationTokenSource();
            Task behaving = BehaveAsync(app.Port, steps: 1_000_000, stop.Token);
            await UntilAsync(() => app.Loops!.OpenSockets > 50);
            await app.StopAsync().WaitAsync(_patience);
            await UntilAsync(() => app.Loops!.OpenSockets == 0);
            await stop.CancelAsync();
            await behaving.WaitAsync(_patience);
        }
    }

    private static Task<EchoApplication> StartAsync() => EchoApplication.StartAsync(
        onLoops: true,
        configure: options => options.Connection = new() { CloseTimeout = TimeSpan.FromSeconds(1) },
        build: builder => builder.Services.Configure<HostOptions>(
            options => options.ShutdownTimeout = TimeSpan.FromSeconds(1)),
        map: app => app.MapGet("/greet", () => Results.Text("hello")));

    private static Task BehaveAsync(int port, int steps, CancellationToken stop)
    {
        int seed = Environment.TickCount;
        TestContext.Current.SendDiagnosticMessage($"rude clients: seed {seed}");
        return Task.WhenAll(Enumerable.Range(0, Clients).Select(client => Task.Run(
            () => Behave(port, new Random(seed + client), steps / Clients, stop), CancellationToken.None)));
    }

    private static void Behave(int port, Random random, int steps, CancellationToken stop)
    {
        var sockets = new List<Socket>();
        byte[] buffer = new byte[65536];
        for (int step = 0; step < steps && !stop.IsCancellationRequested; step++)
        {
            if (sockets.Count < 2 || (sockets.Count < 30 && random.Next(3) == 0))
            {
                var fresh = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                try
                {
                    fresh.Connect(IPAddress.Loopback, port);
                    fresh.Blocking = false;
                    sockets.Add(fresh);
                }
                catch (SocketException)
                {
                    fresh.Dispose(); // It stops.
                    Thread.Yield();
                }

                continue;
            }

            int which = random.Next(sockets.Count);
            Socket socket = sockets[which];
            switch (random.Next(12))
            {
                case 0 or 1: Send(socket, _handshake); break;
                case 2: Send(socket, _request); break;
                case 3: Send(socket, [.. _handshake, .. _text]); break;
                case 4: Send(socket, [.. _handshake, .. _text, .. _close]); break;
                case 5: Send(socket, _handshake.AsSpan(0, random.Next(_handshake.Length))); break;
                case 6: Send(socket, _close); break;
                case 7: End(static socket => socket.Shutdown(SocketShutdown.Send)); break;
                case 8: End(static socket => socket.LingerState = new LingerOption(true, 0)); break;
                case 9: socket.Receive(buffer, 0, buffer.Length, SocketFlags.None, out SocketError _); break;
                default: Send(socket, _text); break;
            }

            void End(Action<Socket> first)
            {
                try
                {
                    first(socket);
                }
                catch (SocketException)
                {
                }

                if (random.Next(4) > 0) return; // Half of its end is enough for now.
                socket.Dispose();
                sockets.RemoveAt(which);
            }
        }

        foreach (Socket socket in sockets) socket.Dispose();
    }

    private static void Send(Socket socket, ReadOnlySpan<byte> bytes) =>
        socket.Send(bytes, SocketFlags.None, out SocketError _);

    private static async Task UntilAsync(Func<bool> condition)
    {
        using var patience = new CancellationTokenSource(_patience);
        while (!condition()) await Task.Delay(5, patience.Token);
    }
}
