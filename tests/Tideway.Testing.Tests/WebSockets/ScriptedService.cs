using System.Net;
using System.Net.Sockets;
using System.Text;
using Tideway.Testing.Hosting;
using Tideway.Testing.Lifetime;
using Tideway.Testing.WebSockets;
using Tideway.Testing.Wire;
using Tideway.WebSockets.Framing;

namespace Tideway.Testing.Tests.WebSockets;

/// <summary>A service that says what a test tells it to, right or wrong, to one client.</summary>
internal sealed class ScriptedService : IAsyncDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

    private ScriptedService() => _listener.Start();

    /// <summary>What the client has done for its test.</summary>
    public TestRun Run { get; } = new("the test");

    /// <summary>The end of the service, once a client is there.</summary>
    public WireConnection Wire { get; private set; } = null!;

    /// <summary>Opens a connection.</summary>
    public static async Task<(ScriptedService Service, StrictWebSocket Client)> ConnectAsync(
        StrictWebSocketOptions? options = null)
    {
        var service = new ScriptedService();
        Task<StrictWebSocket> connecting = service.ConnectAsync("101 Switching Protocols", [
            "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Accept: {accept}"], options);
        return (service, await connecting);
    }

    /// <summary>Opens a connection, and answers with these lines.</summary>
    public static async Task<StrictWebSocket> ConnectAsync(
        string status, string[] lines, StrictWebSocketOptions? options, ScriptedService? service = null)
    {
        service ??= new ScriptedService();
        return await service.ConnectAsync(status, lines, options);
    }

    public async ValueTask DisposeAsync()
    {
        if (Wire is not null) await Wire.DisposeAsync();
        _listener.Dispose();
    }

    private async Task<StrictWebSocket> ConnectAsync(string status, string[] lines, StrictWebSocketOptions? options)
    {
        var address = new ServiceAddress((IPEndPoint)_listener.LocalEndpoint, null);
        Task<StrictWebSocket> connecting =
            new StrictWebSocketClient(address, () => Run).ConnectAsync("/chat?room=1", options);
        Socket socket = await _listener.AcceptSocketAsync();
        Wire = new WireConnection(socket, new NetworkStream(socket), WebSocketRole.Client, _patience);
        await Wire.ReadHeadAsync();
        string accept = OpeningHandshake.AcceptOf(Wire.HeaderLines("Sec-WebSocket-Key").Single());
        var head = new StringBuilder($"HTTP/1.1 {status}\r\n");
        foreach (string line in lines)
            head.Append(line.Replace("{accept}", accept, StringComparison.Ordinal)).Append("\r\n");
        await Wire.SendAsync(head.Append("\r\n").ToString());
        return await connecting;
    }
}
