using System.Runtime.CompilerServices;

namespace Tideway.WebSockets.Connections;

/// <summary>The limits of a connection. Set them before the connection is made; one instance may serve many.</summary>
/// <remarks>To change the limits of open connections, <see cref="Replace"/> the instance that they were made
/// with.</remarks>
public sealed class WebSocketConnectionOptions
{
    private volatile WebSocketConnectionOptions? _replacement;

    /// <summary>The largest message taken from the peer, in bytes, all its fragments together.</summary>
    /// <remarks>Defaults to 65536. A larger one closes the connection with 1009 before memory is taken for
    /// it.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative.</exception>
    public int MaxRemotePayload { get; init => field = AtLeast(0, value); } = 65536;

    /// <summary>The largest payload of a frame sent, in bytes; a larger message is sent in fragments.</summary>
    /// <remarks>Defaults to 65536. 0 sends every message as one frame.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative.</exception>
    public int FragmentSize { get; init => field = AtLeast(0, value); } = 65536;

    /// <summary>How many bytes may wait for a peer that reads slowly, before sends wait too.</summary>
    /// <remarks>Defaults to 262144.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">The value is less than 1.</exception>
    public int SendBacklogLimit { get; init => field = AtLeast(1, value); } = 262144;

    /// <summary>What a send does when so many bytes wait already.</summary>
    /// <remarks>Defaults to <see cref="SlowConsumerPolicy.Wait"/>.</remarks>
    public SlowConsumerPolicy SlowConsumerPolicy { get; init; }

    /// <summary>After how long a silence of the peer a ping is sent; zero for never.</summary>
    /// <remarks>Defaults to 60 seconds.</remarks>
    public TimeSpan PingInterval { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long after such a ping anything has to come in, before the peer counts as gone; zero for
    /// ever.</summary>
    /// <remarks>Defaults to 30 seconds. The connection is then cut. While the handler leaves data unread, a pong
    /// behind it cannot be seen, and nothing is cut.</remarks>
    public TimeSpan PingTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long the peer may take to send one message, from its first byte to its last; zero for no
    /// limit.</summary>
    /// <remarks>Defaults to 60 seconds. The connection is then closed with 1008, late by up to as much again. Time in
    /// which the handler leaves data unread does not count.</remarks>
    public TimeSpan MessageTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How many pings, and pongs that answer none, are taken from the peer within a second; zero for any
    /// number.</summary>
    /// <remarks>Defaults to 1000. More close the connection with 1008.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative.</exception>
    public int MaxControlFramesPerSecond { get; init => field = AtLeast(0, value); } = 1000;

    /// <summary>How many messages are taken from the peer within a second; zero for any number.</summary>
    /// <remarks>Defaults to zero. More wait for the next second, and TCP slows the peer down. While some wait, nothing
    /// behind them is read, and no ping is sent.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative.</exception>
    public int MaxMessagesPerSecond { get; init => field = AtLeast(0, value); }

    /// <summary>How long no message may go either way before the connection is closed with 1001; zero for no
    /// limit.</summary>
    /// <remarks>Defaults to zero. The close may be late by a quarter of it.</remarks>
    public TimeSpan IdleTimeout { get; init; }

    /// <summary>How long a connection may live before it is closed with 1001, so that load can move; zero for no
    /// limit.</summary>
    /// <remarks>Defaults to zero.</remarks>
    public TimeSpan MaxConnectionAge { get; init; }

    /// <summary>How long the peer may take to answer a close frame before the connection is cut.</summary>
    /// <remarks>Defaults to 5 seconds.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative or longer than a day.</exception>
    public TimeSpan CloseTimeout
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, TimeSpan.Zero);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, TimeSpan.FromDays(1));
            field = value;
        }
    }
    = TimeSpan.FromSeconds(5);

    /// <summary>How messages are compressed.</summary>
    /// <remarks>Defaults to off.</remarks>
    public CompressionOptions Compression { get; init; } = new();

    /// <summary>What the connection is for, in logs and reports.</summary>
    /// <remarks>Defaults to <c>WebSocket</c>.</remarks>
    public string Name { get; init; } = "WebSocket";

    /// <summary>The clock of the time-outs. A connection on an event loop has that of its loop.</summary>
    /// <remarks>Defaults to <see cref="TimeProvider.System"/>.</remarks>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>What counts now: these options, or those in their place.</summary>
    internal WebSocketConnectionOptions Current => _replacement ?? this;

    /// <summary>Puts other options in the place of these, for all connections made with these, open ones
    /// included.</summary>
    /// <remarks>
    /// Safe from any thread, at any time. What is under way ends as it began: a message whose length was accepted, a
    /// send that waits. Compression stays as the handshake agreed on it, and so do clock and name.
    /// </remarks>
    /// <param name="options">The other options; these themselves to go back to them. Those that replace others are not
    /// replaced themselves.</param>
    /// <param name="open">The connections that look at their time-outs at once. Others do so when a time-out of before
    /// is over.</param>
    public void Replace(WebSocketConnectionOptions options, params IEnumerable<WebSocketConnection> open)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(open);
        _replacement = options == this ? null : options;
        foreach (WebSocketConnection connection in open)
            connection.Channel.Post(static each => ((WebSocketConnection)each!).LookAtTimes(), connection);
    }

    private static int AtLeast(int least, int value, [CallerMemberName] string option = "")
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(value, least, option);
        return value;
    }
}
