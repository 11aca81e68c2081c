using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Tideway.WebSockets.Engine;

namespace Tideway.AspNetCore.Transport;

/// <summary>The transport under Kestrel: listens on event loops, and ends what was detached when the host
/// stops.</summary>
internal sealed partial class LoopTransport
    : IConnectionListenerFactory, IConnectionListenerFactorySelector, IHostedLifecycleService, IDisposable
{
    private readonly TransportOptions _options;
    private readonly ILogger _logger;
    private readonly EventLoopGroup _loops;
    private readonly ConnectionPipes _pipes;
    private readonly List<LoopConnectionListener> _listeners = [];
    private readonly CancellationTokenSource _deadline = new();
    private Task<int[]> _stopping = Task.FromResult<int[]>([]);

    public LoopTransport(
        IOptions<TransportOptions> options, ILoggerFactory loggerFactory, IMemoryPoolFactory<byte> pools)
    {
        _options = options.Value;
        _logger = loggerFactory.CreateLogger("Tideway.Transport");
        _loops = _options.Loops ?? new EventLoopGroup("transport", _options.LoopCount, "tideway");
        _pipes = ConnectionPipes.Create(pools.Create(), _options);
        if (_options.Loops is null) EventLoopReports.Log(_loops, _logger);
    }

    public bool CanBind(EndPoint endpoint) => endpoint is IPEndPoint or UnixDomainSocketEndPoint;

    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        try
        {
            var listener = new LoopConnectionListener(_loops, endpoint, _options, _pipes, _logger);
            lock (_listeners) _listeners.Add(listener);
            return new(listener);
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            throw new AddressInUseException(exception.Message, exception);
        }
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Asks every detached connection to end, at once; Kestrel closes its own meanwhile.</summary>
    public Task StoppingAsync(CancellationToken cancellationToken)
    {
        lock (_listeners)
            _stopping = Task.WhenAll(_listeners.Select(listener => listener.EndConnectionsAsync(_deadline.Token)));
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Waits until they have ended, or the host's time to stop is over.</summary>
    public async Task StoppedAsync(CancellationToken cancellationToken)
    {
        await using CancellationTokenRegistration registration = cancellationToken.Register(_deadline.Cancel);
        int cut = (await _stopping).Sum();
        if (cut > 0) ConnectionsCut(_logger, cut);
    }

    public void Dispose()
    {
        if (_options.Loops is null) _loops.Dispose();
        _deadline.Dispose();
        _pipes.Pool.Dispose();
    }

    [LoggerMessage(112, LogLevel.Warning, "{Count} connections did not end in time and were cut")]
    private static partial void ConnectionsCut(ILogger logger, int count);
}
