using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using Tideway.WebSockets.Connections;
using Tideway.WebSockets.Engine;
using Tideway.WebSockets.Handshake;

namespace Tideway.WebSockets.Client;

/// <summary>One attempt to open a connection: the name, the socket, TLS, the handshake, all within one
/// time-out.</summary>
internal sealed class ConnectAttempt(
    Uri uri,
    string key,
    byte[] request,
    WebSocketClientOptions options,
    ClientTransport transport,
    CancellationToken cancellationToken)
{
    private long _deadline;

    private TimeSpan TimeLeft =>
        TimeSpan.FromMilliseconds(Math.Max(0, _deadline - transport.Clock.GetMilliseconds()));

    /// <summary>Opens the connection.</summary>
    /// <exception cref="ConnectionFailedException">It was not possible.</exception>
    public async Task<WebSocketConnection> RunAsync()
    {
        using ClientTransport closed = transport;
        _deadline = transport.Clock.GetMilliseconds() + (long)options.ConnectTimeout.TotalMilliseconds;
        try
        {
            await ConnectAsync();
            using var answer = new HandshakeAnswer();
            await transport.ExchangeAsync(request, answer, TimeLeft, cancellationToken);
            return Accept(answer);
        }
        catch (TimeoutException exception)
        {
            string reason = $"{exception.Message} within {options.ConnectTimeout.TotalSeconds:0.###} s";
            throw new ConnectionFailedException(uri, reason, exception);
        }
        catch (Exception exception) when (exception is SocketException or AuthenticationException
            || (exception is IOException and not ConnectionFailedException))
        {
            throw new ConnectionFailedException(uri, Describe(exception), exception);
        }
    }

    /// <summary>Connects to the first of the host's addresses that takes the connection.</summary>
    private async Task ConnectAsync()
    {
        EndPoint[] remotes = options.RemoteEndPoint is { } remote ? [remote] : await LookUpAsync();
        for (int i = 0; ; i++)
        {
            try
            {
                // One address that does not answer leaves time for the others.
                await transport.ConnectAsync(remotes[i], TimeLeft / (remotes.Length - i), cancellationToken);
                return;
            }
            catch (SocketException) when (i < remotes.Length - 1)
            {
                // The next address may do.
            }
            catch (SocketException exception) when (i > 0)
            {
                string reason = $"none of {remotes.Length} addresses; the last: {exception.Message}";
                throw new ConnectionFailedException(uri, reason, exception);
            }
        }
    }

    private async Task<EndPoint[]> LookUpAsync()
    {
        string host = uri.IdnHost;
        if (IPAddress.TryParse(host, out IPAddress? literal)) return [new IPEndPoint(literal, uri.Port)];
        IPAddress[] addresses;
        try
        {
            addresses = await Dns.GetHostAddressesAsync(host, cancellationToken)
                .WaitAsync(TimeLeft, transport.Clock, cancellationToken);
        }
        catch (TimeoutException exception)
        {
            throw new TimeoutException($"no address of '{host}' was found", exception);
        }
        catch (SocketException exception)
        {
            string reason = $"no address of '{host}' was found: {exception.Message}";
            throw new ConnectionFailedException(uri, reason, exception);
        }

        EndPoint? local = options.LocalEndPoint;
        EndPoint[] remotes = [.. addresses
            .Where(address => local is null || local.AddressFamily == address.AddressFamily)
            .Select(address => new IPEndPoint(address, uri.Port))];
        return remotes.Length > 0
            ? remotes
            : throw new ConnectionFailedException(uri, $"'{host}' has no address that can be reached from {local}");
    }

    private WebSocketConnection Accept(HandshakeAnswer answer)
    {
        if (answer.Violation is { } violation) throw new ConnectionFailedException(uri, violation);
        if (!answer.IsAccepted) throw Refused(answer.Head!, answer.Body);
        HandshakeResponse head = answer.Head!;
        CompressionOptions compression = options.Connection.Compression;
        CompressionAgreement? agreement = null;
        string? flaw = head.FindFlaw(key, [.. options.Subprotocols], out string? subprotocol, compression.IsOn)
            ?? compression.FindFlaw(head, out agreement);
        if (flaw is not null) throw new ConnectionFailedException(uri, flaw);
        return transport.Open(subprotocol, agreement, answer.Rest);
    }

    private ConnectionFailedException Refused(HandshakeResponse head, string body)
    {
        string refusal = $"the server answered {head.StatusCode} {head.ReasonPhrase}".TrimEnd();
        if (head.StatusCode is >= 300 and < 400 && head.Values("Location").FirstOrDefault() is { } location)
            refusal += $" and points to '{WithoutQuery(location)}', where the client does not follow";
        else if (body.Length > 0)
            refusal += $": {body}";
        return new ConnectionFailedException(uri, refusal)
        {
            StatusCode = head.StatusCode,
            RetryAfter = int.TryParse(
                head.Values("Retry-After").FirstOrDefault(), NumberStyles.None, null, out int seconds)
                ? TimeSpan.FromSeconds(seconds)
                : null,
        };
    }

    /// <summary>Adds what was reported at the bottom of it all, such as the alert of a server that wants a
    /// certificate.</summary>
    private static string Describe(Exception exception)
    {
        Exception bottom = exception.GetBaseException();
        if (bottom == exception || (exception is IOException && bottom is SocketException)) return bottom.Message;
        return $"{exception.Message.TrimEnd('.')}: {bottom.Message}";
    }

    /// <summary>The query may be a secret.</summary>
    private static string WithoutQuery(string location)
    {
        const int LongestShown = 200;
        string shown = location.Split('?', '#')[0];
        return shown.Length <= LongestShown ? shown : shown[..LongestShown] + "…";
    }
}
