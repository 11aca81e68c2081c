using System.Runtime.ExceptionServices;
using Tideway.WebSockets.Connections;
using Tideway.WebSockets.Framing;

namespace Tideway.WebSockets.Client;

/// <summary>Connects and runs a session, again and again.</summary>
internal sealed class ReconnectLoop(
    Uri uri,
    Func<WebSocketConnection, Task> session,
    WebSocketClientOptions options,
    ReconnectOptions reconnect)
{
    private readonly TimeProvider _clock = options.Loops?.TimeProvider ?? options.Connection.TimeProvider;
    private int _failures;

    /// <summary>Runs until the end is a good one, or final.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (await RunOnceAsync(cancellationToken).ConfigureAwait(false) is { } end)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (++_failures >= reconnect.MaxFailures || reconnect.IsFinal(end)) ExceptionDispatchInfo.Throw(end);
            TimeSpan delay = NextDelay((end as ConnectionFailedException)?.RetryAfter);
            reconnect.Reconnecting?.Invoke(new Reconnecting(end, _failures, delay));
            await Task.Delay(delay, _clock, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Runs one session; answers how its connection ended, or null if all is done.</summary>
    private async Task<IOException?> RunOnceAsync(CancellationToken cancellationToken)
    {
        WebSocketConnection connection;
        try
        {
            connection = await WebSocketClient.ConnectAsync(uri, options, cancellationToken).ConfigureAwait(false);
        }
        catch (ConnectionFailedException exception)
        {
            return exception;
        }

        long start = _clock.GetTimestamp();
        using CancellationTokenRegistration registration = cancellationToken.UnsafeRegister(
            static connection => _ = ((WebSocketConnection)connection!).CloseAsync(CloseCode.GoingAway), connection);
        await connection.RunAsync(session).ConfigureAwait(false);
        if (_clock.GetElapsedTime(start) >= reconnect.StableAfter) _failures = 0;
        CloseReason reason = connection.CloseReason!;
        return IsDone(reason) ? null : new ConnectionClosedException(reason);
    }

    private static bool IsDone(CloseReason reason) => reason switch
    {
        { Origin: CloseOrigin.Transport } => false,
        { Code: CloseCode.NormalClosure } => true,

        // The engine's own codes, such as that of a connection that was too old, are below.
        { Origin: CloseOrigin.Local } => (int)reason.Code >= 3000,
        _ => false,
    };

    /// <summary>Doubles what the wait may be with each end in a row, and picks any in that range.</summary>
    private TimeSpan NextDelay(TimeSpan? asked)
    {
        TimeSpan least = reconnect.FirstDelay;
        TimeSpan most = reconnect.MaxDelay;
        double doubled = least.TotalSeconds * Math.Pow(2, Math.Min(_failures, 30));
        TimeSpan ceiling = doubled < most.TotalSeconds ? TimeSpan.FromSeconds(doubled) : most;
        TimeSpan picked = least + Random.Shared.NextDouble() * (ceiling - least);

        // Timers cut what is less than a millisecond off.
        TimeSpan delay = TimeSpan.FromMilliseconds(Math.Ceiling(picked.TotalMilliseconds));
        return asked > delay ? (asked.Value < most ? asked.Value : most) : delay;
    }
}
