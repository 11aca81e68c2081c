namespace Tideway.WebSockets.Connections;

/// <summary>Is thrown when a WebSocket connection cannot be opened. The message says where to, and why not.</summary>
/// <remarks>What the system reported, if it was the system, is in <see cref="Exception.InnerException"/>.</remarks>
public sealed class ConnectionFailedException : IOException
{
    internal ConnectionFailedException(Uri uri, string reason, Exception? inner = null, int? statusCode = null)
        : base(
            $"The WebSocket connection to {uri.GetLeftPart(UriPartial.Path)} failed: {reason.TrimEnd('.')}.", inner) =>
        StatusCode = statusCode;

    /// <summary>The HTTP status with which the server refused the handshake; null when it did not come to
    /// that.</summary>
    public int? StatusCode { get; }
}
