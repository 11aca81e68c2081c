namespace Tideway.WebSockets.Engine;

/// <summary>Is told what happens to a socket, on the socket's loop, where one thing runs at a time.</summary>
/// <remarks>An event is a hint: by the time it is handled there may be nothing to receive. What an owner throws resets
/// its connection, and nothing else.</remarks>
public interface ISocketOwner
{
    /// <summary>Something happened to the socket.</summary>
    public void OnReady(SocketEvents events);

    /// <summary>The time set by <see cref="LoopSocket.SetTimer"/> is over.</summary>
    public void OnTimer();

    /// <summary>The turn in which the owner wrote to the loop's gather buffer is over: send it now.</summary>
    public void OnTurnEnded();

    /// <summary>The service stops: end in good order, soon.</summary>
    public void OnStopping();

    /// <summary>Give up at once: the loop ends, or the owner itself threw.</summary>
    public void OnAborted(string reason);
}
