using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using Tideway.WebSockets.Connections;
using Tideway.WebSockets.Framing;
using Tideway.WebSockets.Handshake;

namespace Tideway.WebSockets.Client;

/// <summary>Connects over a stream on the thread pool: with TLS, and on systems without event loops.</summary>
internal sealed class StreamClientTransport(Uri uri, WebSocketClientOptions options) : ClientTransport
{
    private Socket? _socket;
    private Stream? _stream;

    /// <inheritdoc/>
    public override TimeProvider Clock => options.Connection.TimeProvider;

    /// <inheritdoc/>
    public override async Task ConnectAsync(EndPoint remote, TimeSpan timeout, CancellationToken cancellationToken)
    {
        bool isUnix = remote is UnixDomainSocketEndPoint;
        string reason;
        SocketError error;
        try
        {
            _socket = new Socket(remote.AddressFamily, SocketType.Stream, isUnix ? default : ProtocolType.Tcp);
            if (!isUnix) _socket.NoDelay = true;
            if (options.LocalEndPoint is { } local) _socket.Bind(local);
            await WithinAsync(
                timeout, "", token => _socket.ConnectAsync(remote, token).AsTask(), cancellationToken);
            _stream = new NetworkStream(_socket, ownsSocket: true);
            return;
        }
        catch (SocketException exception)
        {
            // The exception's own message may name the address, or not.
            error = exception.SocketErrorCode;
            reason = new SocketException((int)error).Message;
        }
        catch (TimeoutException)
        {
            (error, reason) = (SocketError.TimedOut, $"no answer within {timeout.TotalSeconds:0.###} s");
        }

        _socket?.Dispose();
        throw new SocketException((int)error, $"Cannot connect to {remote}: {reason}.");
    }

    /// <inheritdoc/>
    public override async Task ExchangeAsync(
        byte[] request, HandshakeAnswer answer, TimeSpan timeout, CancellationToken cancellationToken)
    {
        long deadline = Clock.GetTimestamp() + (long)(timeout.TotalSeconds * Clock.TimestampFrequency);
        if (uri.Scheme == Uri.UriSchemeWss)
            await WithinAsync(timeout, "no end of the TLS handshake", AuthenticateAsync, cancellationToken);

        TimeSpan left = Clock.GetElapsedTime(Clock.GetTimestamp(), deadline);
        await WithinAsync(
            left > TimeSpan.Zero ? left : TimeSpan.Zero,
            "no answer",
            async token =>
            {
                await _stream!.WriteAsync(request, token);
                while (answer.NeedsHead) answer.Add(await _stream.ReadAsync(answer.Room, token));
            },
            cancellationToken);
        if (answer.NeedsBody) await ReadBodyAsync(answer, cancellationToken);
    }

    /// <inheritdoc/>
    public override WebSocketConnection Open(
        string? subprotocol, CompressionAgreement? compression, ReadOnlySpan<byte> received)
    {
        Socket socket = _socket!;
        var identity = new ConnectionIdentity(
            Guid.NewGuid().ToString("N"), socket.LocalEndPoint, socket.RemoteEndPoint, subprotocol);
        var channel = new StreamChannel(_stream!, () => socket.Close(0), Clock)
        {
            OwnsStream = true,
        };
        channel.Deliver(received);
        (_socket, _stream) = (null, null);
        return WebSocketConnection.Create(channel, WebSocketRole.Client, options.Connection, identity, compression);
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _stream?.Dispose();
        _socket?.Dispose();
    }

    private async Task AuthenticateAsync(CancellationToken cancellationToken)
    {
        var tls = new SslStream(_stream!, leaveInnerStreamOpen: false);
        _stream = tls;
        var how = new SslClientAuthenticationOptions
        {
            TargetHost = uri.IdnHost,
            ApplicationProtocols = [SslApplicationProtocol.Http11],
        };
        options.ConfigureTls?.Invoke(how);
        try
        {
            await tls.AuthenticateAsClientAsync(how, cancellationToken);
        }
        catch (Exception exception) when (exception is AuthenticationException or IOException)
        {
            throw new AuthenticationException($"TLS with '{how.TargetHost}' failed", exception);
        }
    }

    private async Task ReadBodyAsync(HandshakeAnswer answer, CancellationToken cancellationToken)
    {
        try
        {
            await WithinAsync(
                HandshakeAnswer.BodyPatience,
                "",
                async token =>
                {
                    while (answer.NeedsBody) answer.Add(await _stream!.ReadAsync(answer.Room, token));
                },
                cancellationToken);
        }
        catch (Exception exception) when (exception is TimeoutException or IOException)
        {
            // The refusal is known. It says more than the end of its body.
        }
    }

    /// <summary>Runs an action within a time-out; whatever it throws once that is over, or the caller gave up, is the
    /// end that this made of it.</summary>
    private async Task WithinAsync(
        TimeSpan timeout, string missing, Func<CancellationToken, Task> action, CancellationToken cancellationToken)
    {
        using var timer = new CancellationTokenSource(timeout, Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);
        try
        {
            await action(either.Token);
        }
        catch (Exception) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellationToken);
        }
        catch (Exception exception) when (timer.IsCancellationRequested)
        {
            throw new TimeoutException(missing, exception);
        }
    }
}
