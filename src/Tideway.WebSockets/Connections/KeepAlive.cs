using Tideway.WebSockets.Framing;

namespace Tideway.WebSockets.Connections;

/// <summary>Says what is due on an open connection.</summary>
internal enum KeepAliveDue
{
    /// <summary>Nothing yet.</summary>
    Nothing,

    /// <summary>A ping: nothing came for a while.</summary>
    Ping,

    /// <summary>The end: nothing came for so long after a ping that the peer is gone.</summary>
    PeerIsGone,

    /// <summary>A close: one message is on the way for longer than is allowed.</summary>
    SlowMessage,

    /// <summary>A close: no message went either way for as long as is allowed.</summary>
    Idle,

    /// <summary>A close: the connection is as old as is allowed.</summary>
    TooOld,
}

/// <summary>The times of one connection, and what they make due. A mutable value that knows no clock; all in
/// milliseconds.</summary>
/// <remarks>One timer serves all limits: it is set for whichever may be over first, and looks when it fires.</remarks>
internal struct KeepAlive(long now)
{
    /// <summary>A time that does not come.</summary>
    public const long Never = long.MaxValue;

    private readonly long _opened = now;
    private long _received = now;
    private long _active = now;
    private long _pinged = Never;
    private long _messages;

    /// <summary>Something came in.</summary>
    public void Received(long now)
    {
        _received = now;
        _pinged = Never;
    }

    /// <summary>Looks what is due.</summary>
    /// <param name="options">The limits; those of zero or less are none.</param>
    /// <param name="now">The time.</param>
    /// <param name="messages">How many messages went either way so far.</param>
    /// <param name="unfinished">Since when a message is known to be on the way; <see cref="Never"/> for none.</param>
    /// <param name="reads">Whether what comes in is read; while it is not, silence means nothing.</param>
    /// <param name="nextLook">When to look again; <see cref="Timeout.InfiniteTimeSpan"/> for never.</param>
    public KeepAliveDue Look(
        WebSocketConnectionOptions options, long now, long messages, long unfinished, bool reads, out TimeSpan nextLook)
    {
        if (messages != _messages) (_messages, _active) = (messages, now);
        if (!reads) Received(now);
        long age = Left(options.MaxConnectionAge, _opened, now);
        long idle = Left(options.IdleTimeout, _active, now);
        long slow = Left(options.MessageTimeout, unfinished, now);
        long gone = Left(options.PingTimeout, _pinged, now);
        long ping = _pinged == Never ? Left(options.PingInterval, _received, now) : Never;
        KeepAliveDue due =
            age <= 0 ? KeepAliveDue.TooOld
            : idle <= 0 ? KeepAliveDue.Idle
            : slow <= 0 ? KeepAliveDue.SlowMessage
            : gone <= 0 ? KeepAliveDue.PeerIsGone
            : ping <= 0 ? KeepAliveDue.Ping
            : KeepAliveDue.Nothing;
        if (due == KeepAliveDue.Ping)
        {
            _pinged = now;
            (ping, gone) = (Never, Left(options.PingTimeout, now, now));
        }

        // Messages leave no mark in time. So activity is looked for four times as often as it is needed.
        if (options.IdleTimeout > TimeSpan.Zero) idle = Math.Min(idle, (long)options.IdleTimeout.TotalMilliseconds / 4);

        // So does a message that begins, which is looked for once in the time that it may take.
        if (slow == Never) slow = Left(options.MessageTimeout, now, now);
        long next = Math.Min(Math.Min(Math.Min(age, idle), Math.Min(gone, ping)), slow);
        nextLook = next == Never ? Timeout.InfiniteTimeSpan : TimeSpan.FromMilliseconds(Math.Max(next, 1));
        return due;
    }

    /// <summary>Says why a connection ends when this is due.</summary>
    public static CloseReason ReasonOf(KeepAliveDue due) => due switch
    {
        KeepAliveDue.PeerIsGone => CloseReason.Lost("the peer did not answer a ping in time") with
        {
            Cause = CloseCause.PingTimeout,
        },
        KeepAliveDue.SlowMessage => new(
            CloseCode.PolicyViolation, "a message took too long", CloseOrigin.Local, CloseCause.MessageTimeout),
        KeepAliveDue.Idle => new(
            CloseCode.GoingAway, "no message for too long", CloseOrigin.Local, CloseCause.IdleTimeout),
        _ => new(
            CloseCode.GoingAway,
            "the connection is as old as is allowed",
            CloseOrigin.Local,
            CloseCause.MaxConnectionAge),
    };

    private static long Left(TimeSpan limit, long since, long now) =>
        limit <= TimeSpan.Zero || since == Never ? Never : since + (long)limit.TotalMilliseconds - now;
}
