using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Tideway.WebSockets.Handshake;

namespace Tideway.AspNetCore.Upgrade;

/// <summary>The server's checks of an opening handshake over HTTP/1.1 (RFC 6455 §4.2).
/// Pure functions of the request.</summary>
public static class WebSocketHandshake
{
    internal const string Version = "13";

    /// <summary>Tells whether a request asks for a WebSocket at all, rightly or wrongly.</summary>
    public static bool IsWebSocketRequest(HttpRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return string.Equals(request.Method, HttpMethods.Get, StringComparison.Ordinal) // RFC 9110 §9.1
            && TokenList.Contains(request.Headers.Upgrade, "websocket")
            && TokenList.Contains(request.Headers.Connection, "upgrade");
    }

    /// <summary>Checks a request; answers why it is refused, or null when it may be accepted.</summary>
    /// <param name="request">The request.</param>
    /// <param name="allowedOrigins">The origins whose pages may connect; empty for all. A request without an origin
    /// does not come from a page and passes (RFC 6455 §10.2).</param>
    public static HandshakeRefusal? Check(HttpRequest request, IReadOnlyCollection<string> allowedOrigins)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(allowedOrigins);
        IHeaderDictionary headers = request.Headers;
        if (!IsWebSocketRequest(request))
            return new HandshakeRefusal(StatusCodes.Status400BadRequest, "This address speaks WebSocket only.");
        if (!HttpProtocol.IsHttp11(request.Protocol)
            || request.HttpContext.Features.Get<IHttpUpgradeFeature>() is not { IsUpgradableRequest: true })
        {
            return new HandshakeRefusal(
                StatusCodes.Status400BadRequest, "A WebSocket needs HTTP/1.1 and nothing between that hides it.");
        }

        if (headers.SecWebSocketVersion != Version)
            return new HandshakeRefusal(StatusCodes.Status426UpgradeRequired, "Sec-WebSocket-Version has to be 13.");
        if (headers.SecWebSocketKey.Count != 1 || !HandshakeKey.IsValid(headers.SecWebSocketKey))
        {
            return new HandshakeRefusal(
                StatusCodes.Status400BadRequest, "Sec-WebSocket-Key has to be given once, as 16 bytes in base64.");
        }

        string? origin = headers.Origin;
        if (allowedOrigins.Count > 0 && !string.IsNullOrEmpty(origin)
            && !allowedOrigins.Contains(origin, StringComparer.OrdinalIgnoreCase))
        {
            return new HandshakeRefusal(StatusCodes.Status403Forbidden, "Pages of this origin may not connect.");
        }

        return null;
    }

    /// <summary>Picks the first of the server's subprotocols that the client offers; null when there is none.</summary>
    /// <param name="request">The request.</param>
    /// <param name="supported">The server's subprotocols, the preferred one first.</param>
    public static string? SelectSubprotocol(HttpRequest request, IReadOnlyCollection<string> supported)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(supported);
        if (supported.Count == 0) return null;
        IReadOnlyList<string> offered = TokenList.Parse(request.Headers.SecWebSocketProtocol);
        return supported.FirstOrDefault(offered.Contains);
    }
}
