namespace Tideway.WebSockets.Connections;

/// <summary>What carries the bytes of one connection, and the thread of control on which it lives.</summary>
/// <remarks>
/// The contract is narrow so that a stream and an event loop can both fill it. Towards the connection:
/// <list type="bullet">
/// <item>Everything but <see cref="StartWriting"/>, <see cref="Abort"/> and <see cref="Post"/> is called on
/// <see cref="Context"/>, where one thing runs at a time.</item>
/// <item>The channel calls <see cref="WebSocketConnection.Feed"/> and <see cref="WebSocketConnection.EndOfInput"/> there,
/// too.</item>
/// <item>It takes what to write from the connection's <see cref="Sender"/>, one chunk at a time, from any thread.</item>
/// </list>
/// </remarks>
internal abstract class Channel
{
    /// <summary>The context to which everything of this connection comes back.</summary>
    public abstract SynchronizationContext Context { get; }

    /// <summary>Tells whether the caller runs on <see cref="Context"/> now.</summary>
    public abstract bool IsCurrent { get; }

    /// <summary>Begins to read and feed bytes to the connection.</summary>
    public abstract void Start(WebSocketConnection connection);

    /// <summary>Runs the callback on <see cref="Context"/> later. Safe from any thread.</summary>
    public void Post(SendOrPostCallback callback, object? state) => Context.Post(callback, state);

    /// <summary>Goes on reading after a <see cref="WebSocketConnection.Feed"/> that asked for a pause.</summary>
    public abstract void ResumeReading();

    /// <summary>Writes what the sender holds: at once, or on <see cref="Context"/> when the present turn ends.</summary>
    public abstract void StartWriting();

    /// <summary>Ends the transport; what the sender holds was written before.</summary>
    public abstract void Close();

    /// <summary>Cuts the transport; what was not written is lost.</summary>
    public abstract void Abort();

    /// <summary>Completes when the channel has let go of its stream or socket, after a close or an abort.</summary>
    public abstract Task Completion { get; }
}
