using Tideway.WebSockets.Engine;

namespace Tideway.WebSockets.Tests.Engine;

/// <summary>An owner that does what a test says.</summary>
internal sealed class ScriptedOwner : ISocketOwner
{
    public Action<SocketEvents> Ready { get; set; } = static _ => { };

    public Action Timer { get; set; } = static () => { };

    public Action TurnEnded { get; set; } = static () => { };

    public Action Stopping { get; set; } = static () => { };

    public Action<string> Aborted { get; set; } = static _ => { };

    public void OnReady(SocketEvents events) => Ready(events);

    public void OnTimer() => Timer();

    public void OnTurnEnded() => TurnEnded();

    public void OnStopping() => Stopping();

    public void OnAborted(string reason) => Aborted(reason);
}
