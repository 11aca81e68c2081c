using System.Net.Security;
using System.Net.Sockets;
using Tideway.Testing.Hosting;
using Tideway.Testing.Lifetime;
using Tideway.Testing.Wire;
using Tideway.WebSockets.Framing;

namespace Tideway.Testing.WebSockets;

/// <summary>Opens WebSockets to a service, as a client that shares no code with it and forgives nothing.</summary>
/// <remarks>Safe from any thread.</remarks>
public sealed class StrictWebSocketClient
{
    private readonly ServiceAddress _address;
    private readonly Func<TestRun> _run;

    internal StrictWebSocketClient(ServiceAddress address, Func<TestRun> run) => (_address, _run) = (address, run);

    /// <summary>Opens a WebSocket. Dispose it, which closes it with 1000 and checks how the service takes
    /// that.</summary>
    /// <param name="path">The path and the query, <c>/chat?room=1</c>, say.</param>
    /// <param name="options">More of the handshake; null for the defaults.</param>
    /// <exception cref="HandshakeRefusedException">The service does not want it.</exception>
    /// <exception cref="WireException">The service's answer is wrong, or none came.</exception>
    public async Task<StrictWebSocket> ConnectAsync(string path, StrictWebSocketOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(path);
        options ??= new StrictWebSocketOptions();
        TestRun run = _run();
        WireConnection wire = await OpenAsync(options.Patience);
        try
        {
            string? subprotocol = await OpeningHandshake.RunAsync(wire, _address.Authority, path, options);
            return new StrictWebSocket(wire, path, subprotocol, options, run);
        }
        catch
        {
            await wire.DisposeAsync();
            throw;
        }
    }

    private async Task<WireConnection> OpenAsync(TimeSpan patience)
    {
        var socket = new Socket(_address.EndPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp)
        {
            NoDelay = true,
        };
        try
        {
            using var timeout = new CancellationTokenSource(patience);
            await socket.ConnectAsync(_address.EndPoint, timeout.Token);
            Stream stream = new NetworkStream(socket, ownsSocket: true);
            if (_address.Certificate is not null)
            {
                var secure = new SslStream(stream, leaveInnerStreamOpen: false, _address.Trusts);
                await secure.AuthenticateAsClientAsync(
                    new SslClientAuthenticationOptions { TargetHost = "localhost" }, timeout.Token);
                stream = secure;
            }

            return new WireConnection(socket, stream, WebSocketRole.Server, patience);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
