using Tideway.WebSockets.Connections;

namespace Tideway.Server;

/// <summary>The connections of one WebSocket handler, and what they have counted together.</summary>
/// <remarks>Safe from any thread. Connections count for themselves; the tally adds them up when it is asked, so a
/// message costs nothing here.</remarks>
internal sealed class ConnectionTally
{
    private readonly HashSet<WebSocketConnection> _open = [];
    private ConnectionCounts _ended;
    private long _failed;

    /// <summary>Connections that are open now. A copy.</summary>
    public IReadOnlyList<WebSocketConnection> Open
    {
        get
        {
            lock (_open) return [.. _open];
        }
    }

    /// <summary>How many handlers ended with an exception.</summary>
    public long Failed => Interlocked.Read(ref _failed);

    /// <summary>A connection was opened.</summary>
    public void Add(WebSocketConnection connection)
    {
        lock (_open) _open.Add(connection);
    }

    /// <summary>A connection has ended.</summary>
    public void Remove(WebSocketConnection connection)
    {
        lock (_open)
            if (_open.Remove(connection)) _ended += Counts(connection);
    }

    /// <summary>A handler ended with an exception.</summary>
    public void Fail() => Interlocked.Increment(ref _failed);

    /// <summary>Adds up all connections there have been.</summary>
    public ConnectionCounts Count()
    {
        lock (_open)
        {
            ConnectionCounts sum = _ended;
            foreach (WebSocketConnection connection in _open) sum += Counts(connection);
            return sum with { Open = _open.Count };
        }
    }

    private static ConnectionCounts Counts(WebSocketConnection connection) => new(
        0,
        1,
        connection.MessagesReceived,
        connection.BytesReceived,
        connection.MessagesSent,
        connection.BytesSent,
        connection.MessagesDropped);
}
