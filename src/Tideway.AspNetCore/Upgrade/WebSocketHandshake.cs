using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;
using Tideway.WebSockets.Handshake;

namespace Tideway.AspNetCore.Upgrade;

/// <summary>The server's checks of an opening handshake over HTTP/1.1 (RFC 6455 §4.2) or HTTP/2 (RFC 8441).
/// Pure functions of the request.</summary>
public static class WebSocketHandshake
{
    internal const string Version = "13";

    /// <summary>Tells whether a request asks for a WebSocket at all, rightly or wrongly.</summary>
    public static bool IsWebSocketRequest(HttpRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (IsExtendedConnect(request)) return true;
        return string.Equals(request.Method, HttpMethods.Get, StringComparison.Ordinal) // RFC 9110 §9.1
            && TokenList.Contains(request.Headers.Upgrade, "websocket")
            && TokenList.Contains(request.Headers.Connection, "upgrade");
    }

    /// <summary>Tells whether a request asks for a WebSocket on a stream of its own: an extended CONNECT (RFC
    /// 8441).</summary>
    public static bool IsExtendedConnect(HttpRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return request.HttpContext.Features.Get<IHttpExtendedConnectFeature>() is { IsExtendedConnect: true } connect
            && string.Equals(connect.Protocol, "websocket", StringComparison.OrdinalIgnoreCase);
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

        // RFC 8441 §5: a stream needs neither upgrade nor key.
        bool isUpgrade = !IsExtendedConnect(request);
        if (isUpgrade && (!HttpProtocol.IsHttp11(request.Protocol)
            || request.HttpContext.Features.Get<IHttpUpgradeFeature>() is not { IsUpgradableRequest: true }))
        {
            return new HandshakeRefusal(
                StatusCodes.Status400BadRequest,
                "A WebSocket needs HTTP/1.1, or CONNECT of HTTP/2, and nothing between that hides it.");
        }

        if (headers.SecWebSocketVersion != Version)
            return new HandshakeRefusal(StatusCodes.Status426UpgradeRequired, "Sec-WebSocket-Version has to be 13.");
        if (isUpgrade && (headers.SecWebSocketKey.Count != 1 || !HandshakeKey.IsValid(headers.SecWebSocketKey)))
        {
            return new HandshakeRefusal(
                StatusCodes.Status400BadRequest, "Sec-WebSocket-Key has to be given once, as 16 bytes in base64.");
        }

        if (!IsSubprotocolList(headers.SecWebSocketProtocol))
        {
            return new HandshakeRefusal(
                StatusCodes.Status400BadRequest, "Sec-WebSocket-Protocol has to list different tokens.");
        }

        // RFC 6455 §9.1: also where no extension is used, a value outside of the grammar fails the handshake.
        if (!ExtensionList.IsValid(headers.SecWebSocketExtensions))
            return new HandshakeRefusal(StatusCodes.Status400BadRequest, "Sec-WebSocket-Extensions is malformed.");

        // Twice is none of them, even when the other is empty; joined, the two would look like one.
        StringValues origins = headers.Origin;
        if (allowedOrigins.Count > 0 && origins.Count > 0
            && (origins.Count > 1 || !allowedOrigins.Contains(origins[0] ?? "", StringComparer.OrdinalIgnoreCase)))
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

    /// <summary>Picks a subprotocol as <see cref="SelectSubprotocol"/> does; answers why the request is refused that
    /// offers none of those required, or null.</summary>
    /// <param name="request">The request.</param>
    /// <param name="supported">The server's subprotocols, the preferred one first.</param>
    /// <param name="required">Whether there has to be one.</param>
    /// <param name="subprotocol">The subprotocol; null for none.</param>
    public static HandshakeRefusal? AgreeOnSubprotocol(
        HttpRequest request, IReadOnlyCollection<string> supported, bool required, out string? subprotocol)
    {
        subprotocol = SelectSubprotocol(request, supported);
        return subprotocol is not null || !required
            ? null
            : new HandshakeRefusal(
                StatusCodes.Status400BadRequest,
                $"Sec-WebSocket-Protocol has to offer one of: {string.Join(", ", supported)}.");
    }

    /// <summary>Finds what is wrong with the subprotocols of a server; null for nothing.</summary>
    /// <param name="supported">The server's subprotocols.</param>
    /// <param name="required">Whether handshakes without one of them are refused.</param>
    public static string? FindSubprotocolFlaw(IReadOnlyCollection<string> supported, bool required)
    {
        ArgumentNullException.ThrowIfNull(supported);
        if (supported.FirstOrDefault(subprotocol => !TokenList.IsToken(subprotocol)) is { } wrong)
            return $"'{wrong}' cannot be a subprotocol: it may have letters, digits and !#$%&'*+-.^_`|~ only";
        if (supported.CountBy(subprotocol => subprotocol).FirstOrDefault(count => count.Value > 1).Key is { } twice)
            return $"the subprotocol '{twice}' is given twice";
        return required && supported.Count == 0 ? "a subprotocol is required, but none is given" : null;
    }

    /// <summary>RFC 6455 §4.1: if the header is given, it has at least one subprotocol, and each only once.</summary>
    private static bool IsSubprotocolList(StringValues header)
    {
        if (header.Count == 0) return true;
        IReadOnlyList<string> offered = TokenList.Parse(header);
        return offered.Count > 0 && offered.All(subprotocol => TokenList.IsToken(subprotocol))
            && offered.Distinct(StringComparer.Ordinal).Count() == offered.Count;
    }
}
