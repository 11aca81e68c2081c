using System.Buffers;

namespace Tideway.WebSockets.Connections;

/// <summary>What carries the bytes of one connection, and the thread of control on which it lives.</summary>
/// <remarks>
/// The contract is narrow so that a stream and an event loop can both fill it. Towards the connection:
/// <list type="bullet">
/// <item>Everything but <see cref="StartWriting"/>, <see cref="RentBuffer"/>, <see cref="ReturnBuffer"/> and
/// <see cref="Post"/> is called on <see cref="Context"/>, where one thing runs at a time.</item>
/// <item>The channel calls <see cref="WebSocketConnection.Feed"/>, <see cref="WebSocketConnection.EndOfInput"/> and
/// <see cref="WebSocketConnection.OnTimer"/> there, too.</item>
/// <item>It takes what to write from the connection's <see cref="Sender"/>, one chunk at a time, from any
/// thread.</item>
/// </list>
/// </remarks>
internal abstract class Channel
{
    private int _thread;

    /// <summary>The context to which everything of this connection comes back.</summary>
    public abstract SynchronizationContext Context { get; }

    /// <summary>Tells whether the caller runs on <see cref="Context"/> now.</summary>
    public bool IsCurrent => Environment.CurrentManagedThreadId == Volatile.Read(ref _thread);

    /// <summary>The time in milliseconds, from an arbitrary beginning, as of the present turn.</summary>
    public abstract long Now { get; }

    /// <summary>Reads the time of this moment, on the same scale.</summary>
    public virtual long ReadClock() => Now;

    /// <summary>Completes when the channel has let go of its stream or socket, after a close or an abort.</summary>
    public abstract Task Completion { get; }

    /// <summary>Says which thread <see cref="Context"/> runs on from now on, by its managed number; 0 for
    /// none.</summary>
    protected void RunsOn(int thread) => Volatile.Write(ref _thread, thread);

    /// <summary>Begins to read and feed bytes to the connection.</summary>
    public abstract void Start(WebSocketConnection connection);

    /// <summary>Runs the callback on <see cref="Context"/> later. Safe from any thread.</summary>
    public void Post(SendOrPostCallback callback, object? state) => Context.Post(callback, state);

    /// <summary>Runs the action on the context and waits for it.</summary>
    public Task RunAsync<TState>(Action<TState> action, TState state)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Post(
            _ =>
            {
                action(state);
                done.SetResult();
            },
            null);
        return done.Task;
    }

    /// <summary>Calls <see cref="WebSocketConnection.OnTimer"/> after a time; replaces the time set before.</summary>
    public abstract void SetTimer(TimeSpan delay);

    /// <summary>Goes on reading after a <see cref="WebSocketConnection.Feed"/> that asked for a pause.</summary>
    public abstract void ResumeReading();

    /// <summary>A send begins on <see cref="Context"/>: what others gathered leaves before.</summary>
    public virtual void BeginSend()
    {
    }

    /// <summary>Lends a buffer to frame messages into. Safe from any thread.</summary>
    public virtual byte[] RentBuffer(int length) => ArrayPool<byte>.Shared.Rent(length);

    /// <summary>Takes a buffer back. Safe from any thread.</summary>
    public virtual void ReturnBuffer(byte[] buffer) => ArrayPool<byte>.Shared.Return(buffer);

    /// <summary>Writes what the sender holds: at once, or on <see cref="Context"/> when the present turn
    /// ends.</summary>
    public abstract void StartWriting();

    /// <summary>Writes now what would be written at the end of the turn, so that there is room for more.</summary>
    public abstract void Flush();

    /// <summary>Tells the peer that nothing more comes, if the transport can.</summary>
    public abstract void ShutdownSend();

    /// <summary>Ends the transport; what the sender holds was written before.</summary>
    public abstract void Close();

    /// <summary>Cuts the transport; what was not written is lost.</summary>
    public abstract void Abort();
}
