using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Tideway.AspNetCore.Tests.Endpoints;
using Tideway.AspNetCore.Upgrade;
using Tideway.WebSockets.Connections;
using Tideway.WebSockets.Engine;
using Tideway.WebSockets.Framing;

namespace Tideway.AspNetCore.Tests.Transport;

/// <summary>What only the event loop transport does: where connections live, how they are limited, how they
/// end.</summary>
public sealed class LoopTransportTests
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task A_request_with_the_end_right_behind_it_is_answered()
    {
        await using EchoApplication app = await EchoApplication.StartAsync(
            onLoops: true, map: app => app.MapGet("/greet", () => "hello"));
        for (int i = 0; i < 20; i++)
        {
            using RawClient client = await RawClient.ConnectAsync(app.Port);
            await client.SendAsync("GET /greet HTTP/1.1\r\nHost: x\r\n\r\n");
            client.EndSending();
            Assert.Contains("\r\nhello\r\n", Encoding.Latin1.GetString(await client.ReadToEndAsync()));
        }

        await UntilAsync(() => app.Loops!.OpenSockets == 2); // The listeners'.
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_handshake_with_a_frame_and_the_end_behind_it_is_answered_before_the_end(bool withClose)
    {
        byte[] close = withClose ? RawClient.Frame(Opcode.Close, [0x03, 0xE8]) : [];
        byte[] handshake = Encoding.Latin1.GetBytes(RawClient.Handshake);
        byte[] bytes = [.. handshake, .. RawClient.Frame(Opcode.Text, "last words"u8), .. close];
        await using EchoApplication app = await EchoApplication.StartAsync(onLoops: true);
        for (int i = 0; i < 50; i++)
        {
            using RawClient client = await RawClient.ConnectAsync(app.Port);
            await client.SendAsync(bytes);
            client.EndSending();
            Assert.StartsWith("HTTP/1.1 101 ", await client.ReadHeadAsync());
            Assert.Equal("last words"u8.ToArray(), (await client.ReadFrameAsync()).Payload);
            if (withClose) Assert.Equal(Opcode.Close, (await client.ReadFrameAsync()).Opcode);
            Assert.Empty(await client.ReadToEndAsync());
        }

        await UntilAsync(() => app.Loops!.OpenSockets == 2);
    }

    [Fact]
    public async Task A_handler_runs_on_a_loop_unless_there_is_TLS_between()
    {
        var loops = new ConcurrentQueue<EventLoop?>();
        await using EchoApplication app = await EchoApplication.StartAsync(onLoops: true, async connection =>
        {
            loops.Enqueue(EventLoop.Current);
            await Task.Delay(1);
            loops.Enqueue(EventLoop.Current);
            await connection.ReceiveAsync();
            loops.Enqueue(EventLoop.Current);
        });
        foreach (string uri in new[] { $"ws://127.0.0.1:{app.Port}/chat", $"wss://127.0.0.1:{app.TlsPort}/chat" })
        {
            using ClientWebSocket client = await ConnectAsync(uri);
            await client.SendAsync("x"u8.ToArray(), WebSocketMessageType.Text, true, Patience());
            await client.ReceiveAsync(new byte[10], Patience());
            Assert.Equal(3, loops.Count);
            if (uri.StartsWith("wss", StringComparison.Ordinal)) Assert.All(loops, Assert.Null);
            else Assert.Contains(Assert.Single(loops.Distinct()), app.Loops!.Loops);
            loops.Clear();
        }
    }

    [Fact]
    public async Task A_handler_may_live_on_other_loops_than_its_listener()
    {
        using var others = new EventLoopGroup("others", 2);
        var seen = new ConcurrentQueue<EventLoop>();
        Task ServeAsync(HttpContext context) => WebSocketUpgrade.ServeAsync(
            context,
            new WebSocketConnectionOptions(),
            null,
            async connection =>
            {
                while (await connection.ReceiveAsync() is { IsClose: false } message)
                {
                    seen.Enqueue(EventLoop.Current!);
                    await connection.SendAsync(message);
                }
            },
            WebSocketUpgrade.LogTo(NullLogger.Instance),
            others);
        await using EchoApplication app = await EchoApplication.StartAsync(
            onLoops: true, map: app => app.MapGet("/others", ServeAsync));
        string handshake = RawClient.Handshake.Replace("/chat", "/others", StringComparison.Ordinal);
        for (int i = 0; i < 50; i++)
        {
            using RawClient client = await RawClient.ConnectAsync(app.Port);
            await client.SendAsync((byte[])[
                .. Encoding.Latin1.GetBytes(handshake), .. RawClient.Frame(Opcode.Text, "at once"u8)]);
            await client.SendAsync(RawClient.Frame(Opcode.Text, "on the way"u8));
            await client.ReadHeadAsync();
            Assert.Equal("at once"u8.ToArray(), (await client.ReadFrameAsync()).Payload);
            Assert.Equal("on the way"u8.ToArray(), (await client.ReadFrameAsync()).Payload);
        }

        Assert.Equal(others.Loops.ToHashSet(), seen.ToHashSet());
        await UntilAsync(() => others.OpenSockets == 0 && app.Loops!.OpenSockets == 2);

        // They hear of the stop there, too.
        using RawClient last = await RawClient.ConnectAsync(app.Port);
        await last.SendAsync(handshake);
        await last.ReadHeadAsync();
        await UntilAsync(() => others.OpenSockets == 1);
        Task stopped = app.StopAsync();
        Assert.Equal((1001, "the server stops"), await ReadCloseAsync(last));
        await last.SendAsync(RawClient.Frame(Opcode.Close, [0x03, 0xE9]));
        await stopped.WaitAsync(_patience);
        Assert.Equal(0, others.OpenSockets);
    }

    [Fact]
    public async Task A_unix_socket_serves_both_protocols()
    {
        string path = Path.Combine(Path.GetTempPath(), $"tideway-{Guid.NewGuid():N}");
        await using EchoApplication app = await EchoApplication.StartAsync(
            onLoops: true,
            build: builder => builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenUnixSocket(path)),
            map: app => app.MapGet("/greet", () => "hello"));
        using RawClient client = await RawClient.ConnectAsync(new UnixDomainSocketEndPoint(path));
        await client.SendAsync("GET /greet HTTP/1.1\r\nHost: x\r\nConnection: keep-alive\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 200 ", await client.ReadHeadAsync());
        while (await client.ReadLineAsync() != "0\r\n") continue;
        await client.ReadLineAsync();
        await client.SendAsync(RawClient.Handshake);
        Assert.StartsWith("HTTP/1.1 101 ", await client.ReadHeadAsync());
        await client.SendAsync(RawClient.Frame(Opcode.Text, "hi"u8));
        Assert.Equal("hi"u8.ToArray(), (await client.ReadFrameAsync()).Payload);
    }

    [Fact]
    public async Task What_a_unix_peer_sent_before_it_left_is_received_however_slowly()
    {
        string path = Path.Combine(Path.GetTempPath(), $"tideway-{Guid.NewGuid():N}");
        using var left = new SemaphoreSlim(0);
        var received = new TaskCompletionSource<string[]>();
        await using EchoApplication app = await EchoApplication.StartAsync(
            onLoops: true,
            handler: async connection =>
            {
                var texts = new List<string>();
                while (await connection.ReceiveAsync() is { IsClose: false } message)
                {
                    texts.Add(message.ToString());
                    if (texts.Count == 1) await left.WaitAsync();
                    await Task.Yield();
                }

                received.SetResult([.. texts]);
            },
            build: builder => builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenUnixSocket(path)));
        using (RawClient client = await RawClient.ConnectAsync(new UnixDomainSocketEndPoint(path)))
        {
            await client.SendAsync(RawClient.Handshake);
            await client.ReadHeadAsync();
            await client.SendAsync((byte[])[
                .. RawClient.Frame(Opcode.Text, "1"u8), .. RawClient.Frame(Opcode.Text, "2"u8),
                .. RawClient.Frame(Opcode.Text, "3"u8), .. RawClient.Frame(Opcode.Close, [0x03, 0xE8])]);
        }

        // The loops have seen that it left; its handler still holds the first message.
        foreach (EventLoop loop in app.Loops!.Loops)
        {
            var turned = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            loop.Post(_ => loop.Post(_ => turned.SetResult(), null), null);
            await turned.Task.WaitAsync(_patience);
        }

        left.Release();
        Assert.Equal(["1", "2", "3"], await received.Task.WaitAsync(_patience));
    }

    [Fact]
    public async Task A_connection_counts_until_its_socket_is_closed_also_as_a_WebSocket()
    {
        await using EchoApplication app = await EchoApplication.StartAsync(
            onLoops: true, transport: options => options.MaxConnections = 2);
        using RawClient first = await ConnectAsync(app);
        RawClient second = await ConnectAsync(app);
        using (RawClient third = await RawClient.ConnectAsync(app.Port)) await third.WaitForEndAsync();

        second.Dispose();
        await UntilAsync(() => app.Loops!.OpenSockets == 3);
        using RawClient fourth = await ConnectAsync(app);
        await first.SendAsync(RawClient.Frame(Opcode.Text, "still here"u8));
        Assert.Equal("still here"u8.ToArray(), (await first.ReadFrameAsync()).Payload);
    }

    [Fact]
    public async Task A_peer_that_says_nothing_is_cut_and_one_that_began_is_not()
    {
        await using EchoApplication app = await EchoApplication.StartAsync(
            onLoops: true, transport: options => options.HandshakeTimeout = TimeSpan.FromSeconds(2));
        using RawClient begun = await RawClient.ConnectAsync(app.Port);
        await begun.SendAsync(RawClient.Handshake[..1]);
        using RawClient silent = await RawClient.ConnectAsync(app.Port);
        await silent.WaitForEndAsync();
        await begun.SendAsync(RawClient.Handshake[1..]);
        Assert.StartsWith("HTTP/1.1 101 ", await begun.ReadHeadAsync());
        await begun.SendAsync(RawClient.Frame(Opcode.Text, "alive"u8));
        Assert.Equal("alive"u8.ToArray(), (await begun.ReadFrameAsync()).Payload);
    }

    [Fact]
    public async Task A_connection_whose_handler_ignores_the_stop_is_cut_when_the_time_to_stop_is_over()
    {
        await using EchoApplication app = await EchoApplication.StartAsync(
            onLoops: true,
            build: builder => builder.Services.Configure<HostOptions>(
                options => options.ShutdownTimeout = TimeSpan.FromSeconds(1)),
            configure: options => options.Connection = new() { CloseTimeout = TimeSpan.FromMinutes(1) });
        using RawClient deaf = await ConnectAsync(app);
        using RawClient polite = await ConnectAsync(app);
        Task stopped = app.StopAsync();
        Assert.Equal(1001, (await ReadCloseAsync(polite)).Code);
        await polite.SendAsync(RawClient.Frame(Opcode.Close, [0x03, 0xE9]));
        Assert.Empty(await polite.ReadToEndAsync());
        Assert.False(stopped.IsCompleted);
        await stopped.WaitAsync(_patience);
        Assert.Equal(1001, (await ReadCloseAsync(deaf)).Code);
        await deaf.WaitForEndAsync();
        await UntilAsync(() => app.Loops!.OpenSockets == 0);
    }

    [Fact]
    public async Task A_request_that_becomes_a_WebSocket_after_the_stop_began_is_closed_at_once()
    {
        var begun = new TaskCompletionSource();
        var goOn = new TaskCompletionSource();
        await using EchoApplication app = await EchoApplication.StartAsync(
            onLoops: true,
            map: app => app.Use(async (context, next) =>
            {
                begun.TrySetResult();
                await goOn.Task;
                await next(context);
            }));
        using RawClient client = await RawClient.ConnectAsync(app.Port);
        await client.SendAsync(RawClient.Handshake);
        await begun.Task.WaitAsync(_patience);
        Task stopped = app.StopAsync();
        await UntilAsync(() => !IsListening(app.Port));
        goOn.SetResult();
        Assert.StartsWith("HTTP/1.1 101 ", await client.ReadHeadAsync());
        Assert.Equal((1001, "the server stops"), await ReadCloseAsync(client));
        await client.SendAsync(RawClient.Frame(Opcode.Close, [0x03, 0xE9]));
        await stopped.WaitAsync(_patience);
    }

    [Fact]
    public async Task A_client_that_resets_while_nothing_is_read_aborts_its_request()
    {
        var begun = new TaskCompletionSource();
        var aborted = new TaskCompletionSource();
        await using EchoApplication app = await EchoApplication.StartAsync(
            onLoops: true,
            transport: options => options.MaxReadBufferSize = 100_000,
            map: app => app.MapPost("/wait", async context =>
            {
                using CancellationTokenRegistration registration = context.RequestAborted.Register(aborted.SetResult);
                begun.SetResult();
                await aborted.Task.WaitAsync(_patience);
            }));
        using RawClient client = await RawClient.ConnectAsync(app.Port);
        await client.SendAsync("POST /wait HTTP/1.1\r\nHost: x\r\nContent-Length: 10000000\r\n\r\n");
        await begun.Task.WaitAsync(_patience);
        await client.SendAsync(new byte[200_000]);
        await UntilAsync(() => app.Loops!.Loops.Sum(loop => loop.Counters.BytesReceived) > 100_000); // It is paused.
        client.Reset();
        await aborted.Task.WaitAsync(_patience);
    }

    [Fact]
    public async Task A_connection_whose_output_was_ended_with_an_error_is_cut_at_once()
    {
        await using EchoApplication app = await EchoApplication.StartAsync(
            onLoops: true,
            map: app => app.MapGet("/break", context =>
            {
                var transport = context.Features.GetRequiredFeature<IConnectionTransportFeature>();
                transport.Transport!.Output.Complete(new InvalidOperationException("broken by a middleware"));
                return Task.CompletedTask;
            }));
        using RawClient client = await RawClient.ConnectAsync(app.Port);
        await client.SendAsync("GET /break HTTP/1.1\r\nHost: x\r\n\r\n");
        await client.WaitForEndAsync().WaitAsync(TimeSpan.FromSeconds(5)); // And not by the server's time-outs.
        await UntilAsync(() => app.Loops!.OpenSockets == 2);
    }

    [Fact]
    public async Task Connections_have_the_features_that_an_application_expects()
    {
        string seen = "";
        await using EchoApplication app = await EchoApplication.StartAsync(
            onLoops: true,
            map: app => app.MapGet("/features", context =>
            {
                ConnectionInfo ends = context.Connection;
                seen = $"{ends.LocalIpAddress}:{ends.LocalPort} {ends.RemoteIpAddress}:{ends.RemotePort}";
                var items = context.Features.GetRequiredFeature<IConnectionItemsFeature>().Items;
                items["count"] = (int)(items.TryGetValue("count", out object? count) ? count! : 0) + 1;
                return context.Response.WriteAsync($"{ends.Id} {items["count"]}");
            }));
        using RawClient client = await RawClient.ConnectAsync(app.Port);
        for (int i = 1; i <= 2; i++)
        {
            await client.SendAsync("GET /features HTTP/1.1\r\nHost: x\r\n\r\n");
            await client.ReadHeadAsync();
            await client.ReadLineAsync();
            Assert.Matches($"^c[0-9]+ {i}\r\n$", await client.ReadLineAsync());
            while (await client.ReadLineAsync() != "0\r\n") continue;
            await client.ReadLineAsync();
        }

        Assert.Equal($"127.0.0.1:{app.Port} {client.LocalEndPoint}", seen);
    }

    [Fact]
    public async Task Whoever_listens_for_the_end_of_a_connection_hears_of_it_also_when_another_listener_fails()
    {
        const int Connections = 200; // Few of them would be lost.
        int heard = 0;
        var logs = new RecordedLogs();
        await using EchoApplication app = await EchoApplication.StartAsync(
            onLoops: true,
            build: builder => builder.Services.AddSingleton<ILoggerProvider>(logs),
            map: app => app.MapGet("/listen", context =>
            {
                CancellationToken closed =
                    context.Features.GetRequiredFeature<IConnectionLifetimeFeature>().ConnectionClosed;
                closed.Register(() => Interlocked.Increment(ref heard));
                if (context.Request.QueryString.HasValue) closed.Register(() => throw new InvalidOperationException());
                return Task.CompletedTask;
            }));
        for (int i = 0; i < Connections; i++)
        {
            using RawClient client = await RawClient.ConnectAsync(app.Port);
            string query = i == 0 ? "?fail" : "";
            await client.SendAsync($"GET /listen{query} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
            await client.ReadToEndAsync();
        }

        await UntilAsync(() => heard == Connections);
        await UntilAsync(() => logs.Contains("ConnectionClosed"));
    }

    [Fact]
    public async Task A_handler_that_blocks_the_loop_of_its_listener_does_not_keep_the_host_from_stopping()
    {
        var blocked = new TaskCompletionSource();
        using var release = new ManualResetEventSlim();
        using var loops = new EventLoopGroup("blocked", 1);
        await using EchoApplication app = await EchoApplication.StartAsync(
            onLoops: true,
            handler: _ =>
            {
                blocked.SetResult();
                release.Wait();
                return Task.CompletedTask;
            },
            transport: options => options.Loops = loops,
            build: builder => builder.Services.Configure<HostOptions>(
                options => options.ShutdownTimeout = TimeSpan.FromSeconds(1)));
        try
        {
            using RawClient client = await ConnectAsync(app);
            await blocked.Task.WaitAsync(_patience);
            await app.StopAsync().WaitAsync(_patience);
        }
        finally
        {
            release.Set();
        }
    }

    private static async Task<RawClient> ConnectAsync(EchoApplication app)
    {
        RawClient client = await RawClient.ConnectAsync(app.Port);
        await client.SendAsync(RawClient.Handshake);
        Assert.StartsWith("HTTP/1.1 101 ", await client.ReadHeadAsync());
        return client;
    }

    private static async Task<ClientWebSocket> ConnectAsync(string uri)
    {
        var client = new ClientWebSocket();
        client.Options.RemoteCertificateValidationCallback = (_, _, _, _) => true;
        await client.ConnectAsync(new Uri(uri), Patience());
        return client;
    }

    private static async Task<(int Code, string Reason)> ReadCloseAsync(RawClient client)
    {
        (Opcode opcode, byte[] payload) = await client.ReadFrameAsync();
        Assert.Equal(Opcode.Close, opcode);
        return ((payload[0] << 8) | payload[1], Encoding.UTF8.GetString(payload.AsSpan(2)));
    }

    private static bool IsListening(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Connect("127.0.0.1", port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static CancellationToken Patience() => new CancellationTokenSource(_patience).Token;

    private static async Task UntilAsync(Func<bool> condition)
    {
        CancellationToken patience = Patience();
        while (!condition()) await Task.Delay(5, patience);
    }
}
