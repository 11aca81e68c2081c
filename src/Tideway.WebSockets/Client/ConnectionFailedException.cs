namespace Tideway.WebSockets.Client;

/// <summary>Is thrown when a WebSocket connection cannot be opened. The message says where to, and why not.</summary>
/// <remarks>What was reported below is in <see cref="Exception.InnerException"/>: a
/// <see cref="System.Net.Sockets.SocketException"/> of the name lookup or the connect, an
/// <see cref="System.Security.Authentication.AuthenticationException"/> of TLS, a
/// <see cref="TimeoutException"/>.</remarks>
public sealed class ConnectionFailedException : IOException
{
    internal ConnectionFailedException(Uri uri, string reason, Exception? inner = null)
        : base(
            $"The WebSocket connection to {uri.GetLeftPart(UriPartial.Path)} failed: {reason.TrimEnd('.')}.", inner)
    {
    }

    /// <summary>The HTTP status with which the server refused the handshake; null when it did not come to
    /// that.</summary>
    public int? StatusCode { get; internal init; }

    /// <summary>After how long the server asks for the next try, with its refusal; null when it does not.</summary>
    public TimeSpan? RetryAfter { get; internal init; }
}
