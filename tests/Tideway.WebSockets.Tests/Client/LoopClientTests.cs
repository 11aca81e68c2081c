using System.Net;
using System.Net.Sockets;
using Tideway.WebSockets.Client;
using Tideway.WebSockets.Connections;
using Tideway.WebSockets.Engine;

namespace Tideway.WebSockets.Tests.Client;

/// <summary>The client on event loops, and on sockets of other families.</summary>
public sealed class LoopClientTests : IDisposable
{
    private readonly ClientFixture _client = new(ClientKind.Loop);

    [Fact]
    public async Task The_end_of_the_loops_ends_the_wait_for_the_answer()
    {
        Task<WebSocketConnection> connecting = _client.ConnectAsync();
        await _client.Server.ReadRequestAsync();
        _client.Loops.Dispose();
        await Assert.ThrowsAsync<ConnectionFailedException>(() => connecting);
        await _client.Server.WaitForEndAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => _client.ConnectAsync());
    }

    [Fact]
    public async Task A_connection_made_on_a_loop_stays_on_it()
    {
        using var loops = new EventLoopGroup("client-test", 4);
        var done = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        EventLoop loop = loops.Loops[2];
        loop.Post(
            async _ =>
            {
                WebSocketConnection connection =
                    await WebSocketClient.ConnectAsync(_client.Server.Uri, new() { Loops = loops });

                // TryReceive throws elsewhere than on the connection's loop.
                bool isHere = loop.IsCurrent && !connection.TryReceive(out Message _);
                connection.Abort();
                done.SetResult(isHere);
            },
            null);
        await _client.Server.SendAsync(ScriptedServer.Acceptance((await _client.Server.ReadRequestAsync()).Key));
        Assert.True(await done.Task.WaitAsync(ClientFixture.Patience));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_IPv6_address_is_connected_to_and_named_in_brackets(bool withoutLoops)
    {
        Assert.SkipUnless(Socket.OSSupportsIPv6, "This system has no IPv6.");
        using var server = new ScriptedServer(address: IPAddress.IPv6Loopback);
        var options = new WebSocketClientOptions { Loops = _client.Loops, WithoutLoops = withoutLoops };
        Task<WebSocketConnection> connecting = WebSocketClient.ConnectAsync(server.Uri, options);
        (string head, string key) = await server.ReadRequestAsync();
        await server.SendAsync(ScriptedServer.Acceptance(key));
        (await connecting.WaitAsync(ClientFixture.Patience)).Abort();
        Assert.Contains($"\r\nHost: [::1]:{server.Uri.Port}\r\n", head, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_unix_socket_is_connected_to(bool withoutLoops)
    {
        string path = Path.Combine(Path.GetTempPath(), $"tideway-{Guid.NewGuid():N}");
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(path));
        listener.Listen();
        var options = new WebSocketClientOptions
        {
            Loops = _client.Loops,
            WithoutLoops = withoutLoops,
            RemoteEndPoint = new UnixDomainSocketEndPoint(path),
        };
        Task<WebSocketConnection> connecting = WebSocketClient.ConnectAsync(new Uri("ws://service/x"), options);
        using Socket accepted = await listener.AcceptAsync().WaitAsync(ClientFixture.Patience);
        accepted.Dispose();
        var failure = await Assert.ThrowsAsync<ConnectionFailedException>(
            () => connecting.WaitAsync(ClientFixture.Patience));
        Assert.StartsWith(
            "The WebSocket connection to ws://service/x failed: ", failure.Message, StringComparison.Ordinal);
        File.Delete(path);

        failure = await Assert.ThrowsAsync<ConnectionFailedException>(
            () => WebSocketClient.ConnectAsync(new Uri("ws://service/x"), options).WaitAsync(ClientFixture.Patience));
        Assert.Contains($"Cannot connect to {path}: ", failure.Message, StringComparison.Ordinal);
    }

    public void Dispose() => _client.Dispose();
}
