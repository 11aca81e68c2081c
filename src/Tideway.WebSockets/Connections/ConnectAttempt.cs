using System.Net;
using System.Net.Sockets;
using Tideway.WebSockets.Engine;
using Tideway.WebSockets.Framing;
using Tideway.WebSockets.Handshake;

namespace Tideway.WebSockets.Connections;

/// <summary>One attempt to open a connection: the name, the socket, the handshake, all within one time-out. On its
/// loop.</summary>
internal sealed class ConnectAttempt(
    Uri uri,
    string key,
    byte[] request,
    WebSocketClientOptions options,
    EventLoop loop,
    CancellationToken cancellationToken)
{
    private const int SwitchingProtocols = 101;
    private long _deadline;

    private TimeSpan TimeLeft => TimeSpan.FromMilliseconds(Math.Max(0, _deadline - loop.Now));

    /// <summary>Opens the connection.</summary>
    /// <exception cref="ConnectionFailedException">It was not possible.</exception>
    public async Task<WebSocketConnection> RunAsync()
    {
        if (!loop.IsCurrent) throw new ObjectDisposedException(loop.Group.Name, "The event loops have ended.");
        _deadline = loop.Now + (long)options.ConnectTimeout.TotalMilliseconds;
        try
        {
            return await ShakeHandsAsync(await ConnectAsync());
        }
        catch (SocketException exception)
        {
            throw new ConnectionFailedException(uri, exception.Message, exception);
        }
        catch (TimeoutException exception)
        {
            string limit = $"no answer within {options.ConnectTimeout.TotalSeconds:0.###} s";
            throw new ConnectionFailedException(uri, limit, exception);
        }
    }

    /// <summary>Connects to the first of the host's addresses that takes the connection.</summary>
    private async Task<LoopSocket> ConnectAsync()
    {
        EndPoint[] remotes = options.RemoteEndPoint is { } remote ? [remote] : await LookUpAsync();
        for (int i = 0; ; i++)
        {
            try
            {
                // One address that does not answer leaves time for the others.
                TimeSpan timeout = TimeLeft / (remotes.Length - i);
                return await LoopConnector.ConnectAsync(
                    loop, remotes[i], options.LocalEndPoint, timeout, cancellationToken);
            }
            catch (SocketException) when (i < remotes.Length - 1)
            {
                // The next address may do.
            }
        }
    }

    private async Task<EndPoint[]> LookUpAsync()
    {
        string host = uri.IdnHost;
        if (IPAddress.TryParse(host, out IPAddress? literal)) return [new IPEndPoint(literal, uri.Port)];
        EndPoint? local = options.LocalEndPoint;
        IPAddress[] addresses = await Dns.GetHostAddressesAsync(host, cancellationToken)
            .WaitAsync(TimeLeft, loop.Group.TimeProvider, cancellationToken);
        EndPoint[] remotes = [.. addresses
            .Where(address => local is null || local.AddressFamily == address.AddressFamily)
            .Select(address => new IPEndPoint(address, uri.Port))];
        return remotes.Length > 0
            ? remotes
            : throw new ConnectionFailedException(uri, $"the host has no address that can be reached from {local}");
    }

    private async Task<WebSocketConnection> ShakeHandsAsync(LoopSocket socket)
    {
        using var exchange = new HandshakeExchange(socket, request);
        try
        {
            HandshakeResponse response = await exchange.RunAsync(TimeLeft, cancellationToken);
            if (response.StatusCode != SwitchingProtocols)
            {
                string refusal = $"the server answered {response.StatusCode} {response.ReasonPhrase}".TrimEnd();
                throw new ConnectionFailedException(uri, refusal, statusCode: response.StatusCode);
            }

            CompressionOptions compression = options.Connection.Compression;
            if (response.FindFlaw(
                key, [.. options.Subprotocols], out string? subprotocol, compression.IsOn) is { } flaw)
            {
                throw new InvalidDataException(flaw);
            }

            if (compression.FindFlaw(response, out CompressionAgreement? agreement) is { } compressionFlaw)
                throw new InvalidDataException(compressionFlaw);
            return WebSocketConnection.Create(
                socket,
                WebSocketRole.Client,
                options.Connection,
                subprotocol,
                exchange.Received[response.Length..],
                agreement);
        }
        catch (Exception exception)
        {
            socket.Close();
            if (exception is InvalidDataException) throw new ConnectionFailedException(uri, exception.Message);
            throw;
        }
    }
}
