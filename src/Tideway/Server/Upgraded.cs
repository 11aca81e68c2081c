using Microsoft.AspNetCore.Http;

namespace Tideway.Server;

/// <summary>Tells when a request has become a WebSocket, which is long before its delegate returns.</summary>
internal static class Upgraded
{
    /// <summary>Has an action run when a 101 goes out.</summary>
    public static void Register(HttpResponse response, Action action) => response.OnStarting(() =>
    {
        if (response.StatusCode == StatusCodes.Status101SwitchingProtocols) action();
        return Task.CompletedTask;
    });
}
