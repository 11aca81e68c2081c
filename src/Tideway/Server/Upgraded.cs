using Microsoft.AspNetCore.Http;
using Tideway.AspNetCore.Upgrade;

namespace Tideway.Server;

/// <summary>Tells when a request has become a WebSocket, which is long before its delegate returns.</summary>
internal static class Upgraded
{
    /// <summary>Has an action run when a 101 goes out, or the 200 of a WebSocket over HTTP/2.</summary>
    public static void Register(HttpResponse response, Action action) => response.OnStarting(() =>
    {
        bool isUpgraded = response.StatusCode == StatusCodes.Status101SwitchingProtocols
            || (response.StatusCode == StatusCodes.Status200OK
                && WebSocketHandshake.IsExtendedConnect(response.HttpContext.Request));
        if (isUpgraded) action();
        return Task.CompletedTask;
    });
}
