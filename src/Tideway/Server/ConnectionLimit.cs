using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;

namespace Tideway.Server;

/// <summary>Closes connections beyond a limit as they come. Upgraded ones count for as long as they live.</summary>
/// <remarks>Safe from any thread.</remarks>
internal sealed partial class ConnectionLimit(int limit, ILogger logger)
{
    private readonly LogRate _warnings = new(TimeProvider.System);
    private int _connections;
    private long _refused;

    /// <summary>How many connections were closed.</summary>
    public long Refusals => Interlocked.Read(ref _refused);

    /// <summary>Wraps what serves a connection.</summary>
    public ConnectionDelegate Apply(ConnectionDelegate next) => connection => ServeAsync(connection, next);

    private async Task ServeAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        using var place = new Place(this);
        if (place.Number <= limit) await next(connection);
        else Refuse(connection);
    }

    private void Refuse(ConnectionContext connection)
    {
        connection.Abort();
        long refused = Interlocked.Increment(ref _refused);
        if (_warnings.MayPass(out _)) Refused(logger, limit, refused);
    }

    /// <summary>One connection, as it counts.</summary>
    /// <remarks>A connection of HTTP/2 that is cut in the middle of a flood may never end for the web server, which
    /// then drops what served it. That would count for ever without the finalizer.</remarks>
    private sealed class Place(ConnectionLimit limit) : IDisposable
    {
        ~Place() => Leave();

        public int Number { get; } = Interlocked.Increment(ref limit._connections);

        public void Dispose()
        {
            Leave();
            GC.SuppressFinalize(this);
        }

        private void Leave() => Interlocked.Decrement(ref limit._connections);
    }

    [LoggerMessage(202, LogLevel.Warning,
        "More than {Limit} connections (max_connections): {Refused} were closed so far")]
    private static partial void Refused(ILogger logger, int limit, long refused);
}
