using Tideway.WebSockets.Connections;
using Tideway.WebSockets.Engine;
using Tideway.WebSockets.Handshake;

namespace Tideway.WebSockets.Client;

/// <summary>Opens WebSocket connections to servers (RFC 6455 §4.1), over TCP, TLS or a unix socket.</summary>
/// <remarks>Without TLS they live on event loops where the system has them, else on the thread pool.</remarks>
public static class WebSocketClient
{
    private static readonly Lazy<EventLoopGroup> _sharedLoops = new(
        static () => new EventLoopGroup("client", Environment.ProcessorCount, "tideway-client"));

    /// <summary>Connects, and completes the opening handshake. Safe from any thread.</summary>
    /// <remarks>Called on an event loop, it makes a connection of that loop, and its await comes back there. What the
    /// server sends right behind its answer is the connection's first to receive.</remarks>
    /// <param name="uri">Where to, with the scheme <c>ws</c> or <c>wss</c>.</param>
    /// <param name="options">How; null for the defaults.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The open connection, which the caller closes or disposes.</returns>
    /// <exception cref="ArgumentException">The address, a header or a subprotocol cannot stand in a handshake, or the
    /// time-out is not positive or longer than a day.</exception>
    /// <exception cref="ConnectionFailedException">The server cannot be reached, or refuses.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static Task<WebSocketConnection> ConnectAsync(
        Uri uri, WebSocketClientOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(uri);
        CheckUri(uri);
        options ??= new WebSocketClientOptions();
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(options.ConnectTimeout, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.ConnectTimeout, TimeSpan.FromDays(1));
        string key = HandshakeKey.Create();
        byte[] request = HandshakeRequest.Write(
            uri, key, [.. options.Subprotocols], options.Headers, options.Connection.Compression.Offer);
        if (uri.Scheme == Uri.UriSchemeWss || options.WithoutLoops || !EventLoopGroup.IsSupported)
        {
            ConnectAttempt overStream = Attempt(new StreamClientTransport(uri, options));
            return Task.Run(overStream.RunAsync, CancellationToken.None);
        }

        EventLoop loop = PickLoop(options.Loops);
        ConnectAttempt attempt = Attempt(new LoopClientTransport(options, loop));
        if (loop.IsCurrent) return attempt.RunAsync();
        var done = new TaskCompletionSource<WebSocketConnection>(TaskCreationOptions.RunContinuationsAsynchronously);
        loop.Post(async _ => await RunIntoAsync(done, loop, attempt), null);
        return done.Task;

        ConnectAttempt Attempt(ClientTransport transport) =>
            new(uri, key, request, options, transport, cancellationToken);
    }

    /// <summary>Keeps a connection open: connects, runs a session on it, and does both again after each end that is not
    /// final.</summary>
    /// <remarks>
    /// The session runs as in <see cref="WebSocketConnection.RunAsync"/>, once for each connection: it logs in and
    /// subscribes again, from where the last one came to. This ends when a session returns while its connection is
    /// open, when either end closes with 1000 or this one with a code of its own, or when an end is final, which
    /// throws. Between two tries it waits as <see cref="ReconnectOptions"/> say. Logs nothing.
    /// </remarks>
    /// <param name="uri">Where to, with the scheme <c>ws</c> or <c>wss</c>.</param>
    /// <param name="session">What to do with each connection. What it throws, but for the end of its connection, ends
    /// it all.</param>
    /// <param name="options">How to connect; null for the defaults.</param>
    /// <param name="reconnect">When to connect again; null for the defaults.</param>
    /// <param name="cancellationToken">Closes the connection with 1001, or ends the wait for the next.</param>
    /// <exception cref="ArgumentException">As of <see cref="ConnectAsync"/>; or the largest delay is less than the
    /// first.</exception>
    /// <exception cref="ConnectionFailedException">The server cannot be reached or refuses, and that is
    /// final.</exception>
    /// <exception cref="ConnectionClosedException">The connection ended, and that is final.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static Task RunAsync(
        Uri uri,
        Func<WebSocketConnection, Task> session,
        WebSocketClientOptions? options = null,
        ReconnectOptions? reconnect = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(session);
        reconnect ??= new ReconnectOptions();
        ArgumentOutOfRangeException.ThrowIfLessThan(reconnect.MaxDelay, reconnect.FirstDelay);
        return new ReconnectLoop(uri, session, options ?? new WebSocketClientOptions(), reconnect)
            .RunAsync(cancellationToken);
    }

    private static EventLoop PickLoop(EventLoopGroup? loops) =>
        EventLoop.Current is { } current && (loops is null || loops == current.Group)
            ? current
            : (loops ?? _sharedLoops.Value).PickLoop();

    private static void CheckUri(Uri uri)
    {
        bool isKnown = uri.IsAbsoluteUri && (uri.Scheme == Uri.UriSchemeWs || uri.Scheme == Uri.UriSchemeWss);
        if (!isKnown || uri.Host.Length == 0)
            throw new ArgumentException("The address has to be ws://host:port/path, or wss.", nameof(uri));
        if (uri.Fragment.Length > 0)
            throw new ArgumentException("The address has a fragment (RFC 6455 §3).", nameof(uri));
        if (uri.UserInfo.Length > 0)
            throw new ArgumentException("The address has credentials: give the header Authorization.", nameof(uri));
    }

    private static async Task RunIntoAsync(
        TaskCompletionSource<WebSocketConnection> done, EventLoop loop, ConnectAttempt attempt)
    {
        try
        {
            if (!loop.IsCurrent) throw new ObjectDisposedException(loop.Group.Name, "The event loops have ended.");
            done.SetResult(await attempt.RunAsync());
        }
        catch (OperationCanceledException exception)
        {
            done.SetCanceled(exception.CancellationToken);
        }
        catch (Exception exception)
        {
            done.SetException(exception);
        }
    }
}
