using System.Runtime.CompilerServices;

namespace Tideway.WebSockets.Connections;

/// <summary>The limits of a connection. Set them before the connection is made; one instance may serve many.</summary>
public sealed class WebSocketConnectionOptions
{
    /// <summary>The largest message taken from the peer, in bytes, all its fragments together.</summary>
    /// <remarks>Defaults to 65536. A larger one closes the connection with 1009 before memory is taken for it.</remarks>
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

    /// <summary>The clock of the time-outs.</summary>
    /// <remarks>Defaults to <see cref="TimeProvider.System"/>.</remarks>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    private static int AtLeast(int least, int value, [CallerMemberName] string option = "")
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(value, least, option);
        return value;
    }
}
