using Microsoft.AspNetCore.Http;

namespace Tideway.AspNetCore.Upgrade;

/// <summary>Says why an opening handshake is refused, and with which HTTP status. Immutable.</summary>
/// <param name="StatusCode">The HTTP status of the answer.</param>
/// <param name="Reason">A sentence for whoever reads the answer.</param>
public sealed record HandshakeRefusal(int StatusCode, string Reason)
{
    /// <summary>Writes the refusal as a plain text answer.
    /// A 426 names the version that would do (RFC 6455 §4.4).</summary>
    public Task WriteAsync(HttpResponse response)
    {
        ArgumentNullException.ThrowIfNull(response);
        response.StatusCode = StatusCode;
        if (StatusCode == StatusCodes.Status426UpgradeRequired)
            response.Headers.SecWebSocketVersion = WebSocketHandshake.Version;
        response.ContentType = "text/plain; charset=utf-8";
        return response.WriteAsync(Reason + "\n");
    }
}
