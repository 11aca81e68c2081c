using Microsoft.Extensions.Logging;
using Tideway.WebSockets.Engine;

namespace Tideway.AspNetCore.Transport;

/// <summary>Logs what event loops report: code that blocks them, and connections that fail inside the engine.</summary>
public static partial class EventLoopReports
{
    /// <summary>Logs what a group reports from now on.</summary>
    public static void Log(EventLoopGroup group, ILogger logger)
    {
        ArgumentNullException.ThrowIfNull(group);
        group.OwnerFailed += (socket, exception) => ConnectionFailed(logger, socket.Name, exception);
        group.Blocked += blocked => LoopBlocked(
            logger, blocked.Loop.Group.Name, blocked.Loop.Index, blocked.What, blocked.Time.TotalSeconds);
    }

    [LoggerMessage(110, LogLevel.Error, "Connection {Connection} failed inside the engine and was reset")]
    private static partial void ConnectionFailed(ILogger logger, string connection, Exception exception);

    [LoggerMessage(111, LogLevel.Warning,
        "Event loop {Loop} of '{Group}' has been kept for {Seconds} s by one thing: {What}. All its connections wait. "
        + "Await what takes time, or give the handler a task processor of its own")]
    private static partial void LoopBlocked(ILogger logger, string group, int loop, string what, double seconds);
}
