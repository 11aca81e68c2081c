using System.Runtime.InteropServices;
using Tideway.WebSockets.Connections;

namespace Tideway.Server;

/// <summary>The connections of one WebSocket handler, and what they have counted together.</summary>
/// <remarks>Safe from any thread. Connections count for themselves; the tally adds them up when it is asked, so a
/// message costs nothing here.</remarks>
internal sealed class ConnectionTally
{
    private readonly HashSet<WebSocketConnection> _open = [];
    private readonly Dictionary<(CloseOrigin Origin, CloseCause Cause), long> _endedBy = [];
    private ConnectionCounts _ended;
    private volatile int _limit;
    private long _refused;
    private long _failed;

    /// <summary>How many connections may be open at a time; zero for any number.</summary>
    public int Limit
    {
        set => _limit = value;
    }

    /// <summary>How many connections were refused beyond the limit.</summary>
    public long Refused => Interlocked.Read(ref _refused);

    /// <summary>Connections that are open now. A copy.</summary>
    public IReadOnlyList<WebSocketConnection> Open
    {
        get
        {
            lock (_open) return [.. _open];
        }
    }

    /// <summary>How many connections have ended, by who ended them and why. A copy.</summary>
    public IReadOnlyDictionary<(CloseOrigin Origin, CloseCause Cause), long> Ended
    {
        get
        {
            lock (_open) return _endedBy.ToDictionary();
        }
    }

    /// <summary>How many handlers ended with an exception.</summary>
    public long Failed => Interlocked.Read(ref _failed);

    /// <summary>Tells, before a handshake, whether there is room for one more; counts it as refused when there is
    /// none.</summary>
    public bool HasRoom()
    {
        lock (_open)
        {
            if (_limit == 0 || _open.Count < _limit) return true;
            _refused++;
            return false;
        }
    }

    /// <summary>A connection was opened; false when others took the last room since its handshake began.</summary>
    public bool TryAdd(WebSocketConnection connection)
    {
        lock (_open) return HasRoom() && _open.Add(connection);
    }

    /// <summary>A connection has ended.</summary>
    public void Remove(WebSocketConnection connection)
    {
        CloseReason reason = connection.CloseReason!;
        lock (_open)
        {
            if (!_open.Remove(connection)) return;
            _ended += Counts(connection);
            CollectionsMarshal.GetValueRefOrAddDefault(_endedBy, (reason.Origin, reason.Cause), out _)++;
        }
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
        connection.MessagesDropped,
        connection.TimesThrottled,
        connection.Compression?.DeflateBytesIn ?? 0,
        connection.Compression?.DeflateBytesOut ?? 0,
        connection.Compression?.InflateBytesIn ?? 0,
        connection.Compression?.InflateBytesOut ?? 0);
}
