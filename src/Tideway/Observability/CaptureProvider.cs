using System.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace Tideway.Observability;

/// <summary>Sends a functional test, while it wants them, the records that go to the logger <c>default</c>, as TSKV
/// over TCP.</summary>
/// <remarks>Safe from any thread. A test that does not read loses records, and holds nobody up. The registry stops it,
/// not <see cref="LogProvider.Dispose"/>, for that takes time.</remarks>
internal sealed class CaptureProvider(
    TestsuiteCaptureConfig config, LogFilters filters, TimeProvider timeProvider, TextWriter complaints)
    : LogProvider(target: null)
{
    private static readonly TimeSpan _connectTime = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan _sendTime = TimeSpan.FromSeconds(5);

    private readonly LoggerConfig _logger = new()
    {
        FilePath = $"{config.Host}:{config.Port}",
        Level = LoggerLevel.Trace,
    };

    private readonly SemaphoreSlim _changing = new(1);
    private LogSink? _sink;
    private NetworkStream? _connection;
    private volatile NamedLogger? _target;

    protected override NamedLogger? Target => _target;

    /// <summary>Connects to the test, and sends what is logged from now on.</summary>
    /// <exception cref="IOException">The test does not listen.</exception>
    public async Task StartAsync(LogLevel level)
    {
        await _changing.WaitAsync();
        try
        {
            if (_sink is null)
            {
                _sink = await Task.Run(() => new LogSink(_logger, timeProvider, complaints, Connect));
                _target = new NamedLogger(_logger, _sink, timeProvider);
            }

            filters.SetCaptured(level);
        }
        finally
        {
            _changing.Release();
        }
    }

    /// <summary>Sends what was logged, and disconnects.</summary>
    public async Task StopAsync()
    {
        await _changing.WaitAsync();
        try
        {
            if (_sink is null) return;
            filters.SetCaptured(LogLevel.None);
            _target = null;
            await _sink.DisposeAsync();
            _sink = null;

            // If the test does not read, its socket is what the sink still waits for.
            _connection?.Dispose();
        }
        finally
        {
            _changing.Release();
        }
    }

    /// <summary>Waits until what was logged has been sent.</summary>
    public async Task FlushAsync()
    {
        if (_target is { } target) await target.FlushAsync();
    }

    private NetworkStream Connect()
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp)
        {
            NoDelay = true,
            SendTimeout = (int)_sendTime.TotalMilliseconds,
        };
        try
        {
            using var limit = new CancellationTokenSource(_connectTime);
            socket.ConnectAsync(config.Host, config.Port, limit.Token).AsTask().GetAwaiter().GetResult();
            return _connection = new NetworkStream(socket, ownsSocket: true);
        }
        catch (Exception exception)
        {
            socket.Dispose();
            throw new IOException(
                $"testsuite-capture: nobody listens on {_logger.FilePath}: {exception.Message}", exception);
        }
    }
}
