using System.Security.Claims;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Tideway.Server;

/// <summary>What a WebSocket handler keeps of the request that opened its connection.</summary>
/// <remarks>The request itself is over. What else a handler needs of it,
/// <see cref="WebSocketHandler.OnHandshakeAsync"/> puts into <see cref="State"/>.
/// Immutable after the handshake.</remarks>
public sealed class RequestContext
{
    internal RequestContext(HttpRequest request)
    {
        Path = request.Path;
        Query = request.QueryString;
        RouteValues = request.RouteValues;
        User = request.HttpContext.User;
    }

    /// <summary>The path of the request.</summary>
    public PathString Path { get; }

    /// <summary>The query of the request, as it came.</summary>
    public QueryString Query { get; }

    /// <summary>The arguments of the route.</summary>
    public RouteValueDictionary RouteValues { get; }

    /// <summary>Who the handshake was authenticated for.</summary>
    public ClaimsPrincipal User { get; }

    /// <summary>What the handshake hands to the handler.</summary>
    public object? State { get; set; }
}
