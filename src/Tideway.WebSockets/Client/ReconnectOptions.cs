using Tideway.WebSockets.Connections;
using Tideway.WebSockets.Framing;

namespace Tideway.WebSockets.Client;

/// <summary>When <see cref="WebSocketClient.RunAsync"/> connects again. Immutable; one may serve many.</summary>
public sealed class ReconnectOptions
{
    /// <summary>The shortest wait before another try.</summary>
    /// <remarks>Defaults to half a second. After the n-th end in a row the wait is random between this and 2ⁿ times
    /// this, so that the clients of a server that restarts do not come all at once.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">The value is not positive or longer than a day.</exception>
    public TimeSpan FirstDelay { get; init => field = Checked(value); } = TimeSpan.FromSeconds(0.5);

    /// <summary>The longest wait before another try.</summary>
    /// <remarks>Defaults to 30 seconds. Bounds also what a refusal asks for
    /// (<see cref="ConnectionFailedException.RetryAfter"/>), which else is waited for.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">The value is not positive or longer than a day.</exception>
    public TimeSpan MaxDelay { get; init => field = Checked(value); } = TimeSpan.FromSeconds(30);

    /// <summary>How long a connection has to last until the waits begin anew with the shortest.</summary>
    /// <remarks>Defaults to 30 seconds. A server that accepts and closes at once is not hammered.</remarks>
    public TimeSpan StableAfter { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>After how many ends in a row the last of them is final.</summary>
    /// <remarks>Defaults to null: never.</remarks>
    public int? MaxFailures { get; init; }

    /// <summary>Decides which ends are final.</summary>
    /// <remarks>Defaults to <see cref="IsFinalByDefault"/>. Is given a <see cref="ConnectionFailedException"/> or a
    /// <see cref="ConnectionClosedException"/>.</remarks>
    public Func<IOException, bool> IsFinal { get; init; } = IsFinalByDefault;

    /// <summary>Is called before each wait for another try, to log it.</summary>
    /// <remarks>Defaults to null. What it throws ends it all.</remarks>
    public Action<Reconnecting>? Reconnecting { get; init; }

    /// <summary>Tells whether another try would end the same way.</summary>
    /// <remarks>
    /// Final are answers to the handshake with a status below 500, but for 408, 425 and 429; and closes that say that
    /// what one end does is wrong: 1002, 1003, 1007, 1008, 1009 and 1010. Not final are 5xx, servers that are not
    /// reached or answer nonsense, lost connections, and all other closes, such as 1001, 1011 to 1014 and those of the
    /// application.
    /// </remarks>
    /// <param name="end">The end.</param>
    public static bool IsFinalByDefault(IOException end) => end switch
    {
        ConnectionFailedException { StatusCode: { } status } => status is < 500 and not (408 or 425 or 429),
        ConnectionClosedException closed => closed.Reason.Code is CloseCode.ProtocolError
            or CloseCode.UnsupportedData or CloseCode.InvalidPayload or CloseCode.PolicyViolation
            or CloseCode.MessageTooBig or CloseCode.MandatoryExtension,
        _ => false,
    };

    private static TimeSpan Checked(TimeSpan value)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(value, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(value, TimeSpan.FromDays(1));
        return value;
    }
}
