using Tideway.WebSockets.Engine;
using Tideway.WebSockets.Handshake;

namespace Tideway.WebSockets.Connections;

/// <summary>Opens WebSocket connections to servers (RFC 6455 §4.1), over TCP or a unix socket, on event
/// loops.</summary>
public static class WebSocketClient
{
    private static readonly Lazy<EventLoopGroup> _sharedLoops = new(
        static () => new EventLoopGroup("client", Environment.ProcessorCount, "tideway-client"));

    /// <summary>Connects, and completes the opening handshake. Safe from any thread.</summary>
    /// <remarks>Called on an event loop, it makes a connection of that loop, and its await comes back there. What the
    /// server sends right behind its answer is the connection's first to receive.</remarks>
    /// <param name="uri">Where to, with the scheme <c>ws</c>.</param>
    /// <param name="options">How; null for the defaults.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The open connection, which the caller closes or disposes.</returns>
    /// <exception cref="ArgumentException">The address, a header or a subprotocol cannot stand in a handshake, or the
    /// time-out is not positive.</exception>
    /// <exception cref="ConnectionFailedException">The server cannot be reached, or refuses.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <exception cref="PlatformNotSupportedException">Event loops do not work on this system.</exception>
    public static Task<WebSocketConnection> ConnectAsync(
        Uri uri, WebSocketClientOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(uri);
        CheckUri(uri);
        options ??= new WebSocketClientOptions();
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(options.ConnectTimeout, TimeSpan.Zero);
        string key = HandshakeKey.Create();
        byte[] request = HandshakeRequest.Write(
            uri, key, [.. options.Subprotocols], options.Headers, options.Connection.Compression.Offer);
        EventLoop loop = PickLoop(options.Loops);
        var attempt = new ConnectAttempt(uri, key, request, options, loop, cancellationToken);
        if (loop.IsCurrent) return attempt.RunAsync();
        var done = new TaskCompletionSource<WebSocketConnection>(TaskCreationOptions.RunContinuationsAsynchronously);
        loop.Post(async _ => await RunIntoAsync(done, attempt), null);
        return done.Task;
    }

    private static EventLoop PickLoop(EventLoopGroup? loops) =>
        EventLoop.Current is { } current && (loops is null || loops == current.Group)
            ? current
            : (loops ?? _sharedLoops.Value).PickLoop();

    private static void CheckUri(Uri uri)
    {
        if (!uri.IsAbsoluteUri || uri.Scheme != Uri.UriSchemeWs || uri.Host.Length == 0)
            throw new ArgumentException("The address has to be ws://host:port/path.", nameof(uri));
        if (uri.Fragment.Length > 0)
            throw new ArgumentException("The address has a fragment (RFC 6455 §3).", nameof(uri));
        if (uri.UserInfo.Length > 0)
            throw new ArgumentException("The address has credentials: give the header Authorization.", nameof(uri));
    }

    private static async Task RunIntoAsync(TaskCompletionSource<WebSocketConnection> done, ConnectAttempt attempt)
    {
        try
        {
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
