using System.Net;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;
using Tideway.WebSockets.Engine;

namespace Tideway.AspNetCore.Transport;

/// <summary>Hands the connections of one address to Kestrel.</summary>
internal sealed partial class LoopConnectionListener : IConnectionListener
{
    private const int WarningInterval = 1000;

    // Bounded by the limit of connections.
    private readonly Channel<LoopConnection> _accepted = Channel.CreateUnbounded<LoopConnection>(
        new UnboundedChannelOptions { SingleReader = true });

    private readonly LoopListener _listener;
    private readonly TransportOptions _options;
    private readonly ConnectionPipes _pipes;
    private readonly ILogger _logger;
    private long _lastWarning = -WarningInterval;

    public LoopConnectionListener(
        EventLoopGroup loops, EndPoint endPoint, TransportOptions options, ConnectionPipes pipes, ILogger logger)
    {
        (_options, _pipes, _logger) = (options, pipes, logger);
        var limits = new LoopListenerOptions
        {
            Backlog = options.Backlog,
            MaxConnections = options.MaxConnections,
            OnRefused = WarnOfLimit,
            OnExhausted = WarnOfExhaustion,
        };
        _listener = LoopListener.Start(loops, endPoint, limits, Accept);
    }

    public EndPoint EndPoint => _listener.EndPoint;

    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        while (await _accepted.Reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false))
            if (_accepted.Reader.TryRead(out LoopConnection? connection)) return connection;
        return null;
    }

    /// <summary>Closes the address and ends what was accepted there; see
    /// <see cref="LoopListener.EndConnectionsAsync"/>.</summary>
    public async Task<int> EndConnectionsAsync(CancellationToken deadline)
    {
        await CloseAsync(deadline).ConfigureAwait(false);
        return await _listener.EndConnectionsAsync(deadline).ConfigureAwait(false);
    }

    public async ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        await CloseAsync(cancellationToken).ConfigureAwait(false);
        _accepted.Writer.TryComplete();
    }

    public async ValueTask DisposeAsync()
    {
        // The server has unbound it before, and waited for that as long as it may.
        _ = _listener.CloseAsync();
        _accepted.Writer.TryComplete();
        while (_accepted.Reader.TryRead(out LoopConnection? connection))
            await connection.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Stops listening. A loop that is blocked does so when it gets on: no stop waits longer for it than it
    /// may.</summary>
    private async Task CloseAsync(CancellationToken deadline) => await _listener.CloseAsync()
        .WaitAsync(deadline).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    private void Accept(LoopSocket socket)
    {
        var connection = new LoopConnection(socket, _pipes, _options.HandshakeTimeout, _logger);

        // After the end of the listener nobody takes it any more.
        if (!_accepted.Writer.TryWrite(connection)) connection.Abort();
    }

    private void WarnOfLimit()
    {
        if (MayWarn()) Refused(_logger, EndPoint, _options.MaxConnections, _listener.Refused);
    }

    private void WarnOfExhaustion()
    {
        if (MayWarn()) Exhausted(_logger, EndPoint, _listener.Exhausted);
    }

    /// <summary>A flood of connections must not become a flood of lines. On one loop only.</summary>
    private bool MayWarn()
    {
        long now = Environment.TickCount64;
        if (now - _lastWarning < WarningInterval) return false;
        _lastWarning = now;
        return true;
    }

    [LoggerMessage(113, LogLevel.Warning, "More than {Limit} connections on {EndPoint}: {Refused} were closed so far")]
    private static partial void Refused(ILogger logger, EndPoint endPoint, int limit, long refused);

    [LoggerMessage(114, LogLevel.Warning,
        "No descriptors or memory left to accept connections on {EndPoint}; they wait in the backlog "
        + "({Times} times so far). Raise the limit of open files, or lower max_connections")]
    private static partial void Exhausted(ILogger logger, EndPoint endPoint, long times);
}
