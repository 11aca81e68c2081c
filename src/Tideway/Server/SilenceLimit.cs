using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;

namespace Tideway.Server;

/// <summary>Cuts connections that say nothing at all, which Kestrel would hold for its keep-alive time-out.</summary>
/// <remarks>Safe from any thread. Behind TLS it counts from the end of the TLS handshake.</remarks>
internal sealed class SilenceLimit(TimeSpan limit, TimeProvider timeProvider)
{
    private long _cut;

    /// <summary>How many connections were cut.</summary>
    public long Cut => Interlocked.Read(ref _cut);

    /// <summary>Wraps what serves a connection.</summary>
    public ConnectionDelegate Apply(ConnectionDelegate next) => connection => ServeAsync(connection, next);

    private async Task ServeAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        if (await SpeaksAsync(connection.Transport.Input))
        {
            await next(connection);
            return;
        }

        Interlocked.Increment(ref _cut);
        connection.Abort(new ConnectionAbortedException("nothing came within the handshake time-out"));
    }

    private async Task<bool> SpeaksAsync(PipeReader input)
    {
        using var patience = new CancellationTokenSource(limit, timeProvider);
        try
        {
            ReadResult first = await input.ReadAsync(patience.Token);
            input.AdvanceTo(first.Buffer.Start); // Nothing of it is read: who is next gets it at once.
            return true;
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested)
        {
            return false;
        }
    }
}
