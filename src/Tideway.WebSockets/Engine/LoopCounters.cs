namespace Tideway.WebSockets.Engine;

/// <summary>What a loop has counted since it started. Plain fields, written by the loop only; others read them any
/// time.</summary>
public sealed class LoopCounters
{
    internal long WakeUpCount;
    internal long EventCount;
    internal long WorkCount;
    internal long OpenedCount;
    internal long ClosedCount;
    internal long ReceivedByteCount;
    internal long SentByteCount;
    internal long FullSocketCount;
    internal long RefusedCount;
    internal long AcceptPauseCount;
    private long _silentCount;

    /// <summary>How often the loop woke up.</summary>
    public long WakeUps => Volatile.Read(ref WakeUpCount);

    /// <summary>How many events of sockets it handled.</summary>
    public long Events => Volatile.Read(ref EventCount);

    /// <summary>How many pieces of posted work it ran.</summary>
    public long Work => Volatile.Read(ref WorkCount);

    /// <summary>How many sockets came to the loop.</summary>
    public long Opened => Volatile.Read(ref OpenedCount);

    /// <summary>How many sockets left the loop.</summary>
    public long Closed => Volatile.Read(ref ClosedCount);

    /// <summary>How many sockets are on the loop now.</summary>
    public long Open => Opened - Closed;

    /// <summary>How many bytes were received on the loop's thread.</summary>
    public long BytesReceived => Volatile.Read(ref ReceivedByteCount);

    /// <summary>How many bytes were sent, from any thread.</summary>
    public long BytesSent => Volatile.Read(ref SentByteCount);

    /// <summary>How often a socket took less than there was to send, because its peer reads slowly.</summary>
    public long FullSockets => Volatile.Read(ref FullSocketCount);

    /// <summary>How many connections were closed as they came, beyond the limit of their listener.</summary>
    public long Refused => Volatile.Read(ref RefusedCount);

    /// <summary>How many sockets were given up because nothing came in for too long.</summary>
    public long Silent => Volatile.Read(ref _silentCount);

    /// <summary>How often accepting paused because descriptors or memory ran out.</summary>
    public long AcceptPauses => Volatile.Read(ref AcceptPauseCount);

    /// <summary>The owner of a socket gives it up because nothing came in. For the loop's thread.</summary>
    public void CountSilent() => _silentCount++;
}
