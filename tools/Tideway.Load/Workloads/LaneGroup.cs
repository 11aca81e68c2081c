using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Security;
using Tideway.Load.Results;
using Tideway.WebSockets.Client;
using Tideway.WebSockets.Connections;
using Tideway.WebSockets.Engine;

namespace Tideway.Load.Workloads;

/// <summary>The loops of this process, the way its connections are made, and the measuring of all workloads.</summary>
internal sealed class LaneGroup : IDisposable
{
    private readonly LoadOptions _options;
    private readonly EventLoopGroup _loops;
    private readonly WebSocketClientOptions[] _clients;
    private readonly ErrorLog _errors = new();
    private long _beganAt;
    private TimeSpan _cpuAtBegin;
    private TimeSpan _cpu;
    private TimeSpan _elapsed;
    private int _nextClient = -1;

    public LaneGroup(LoadOptions options)
    {
        _options = options;
        _loops = new EventLoopGroup("load", options.Threads);
        _loops.OwnerFailed += (socket, exception) => _errors.Add($"{socket} failed: {exception.Message}");
        _clients = options.LocalAddresses.Length == 0
            ? [ClientFrom(null)]
            : [.. options.LocalAddresses.Select(address => ClientFrom(new IPEndPoint(IPAddress.Parse(address), 0)))];
        Lanes = [.. _loops.Loops.Select(loop => new Lane(loop, _errors))];
    }

    public Lane[] Lanes { get; }

    public ErrorLog Errors => _errors;

    public long Count => Lanes.Sum(lane => lane.Count);

    /// <summary>Connects, for the lane's loop; null after an error, which is counted.</summary>
    public async Task<WebSocketConnection?> ConnectAsync(Lane lane)
    {
        try
        {
            int client = (int)((uint)Interlocked.Increment(ref _nextClient) % (uint)_clients.Length);
            WebSocketConnection connection = await WebSocketClient.ConnectAsync(_options.Url, _clients[client]);
            if (connection.Compression is not null || _options.Compression == MessageCompression.Off) return connection;
            connection.Abort();
            lane.Errors.Add("the server does not compress");
            return null;
        }
        catch (ConnectionFailedException exception)
        {
            lane.Errors.Add(exception.Message);
            return null;
        }
    }

    /// <summary>Makes all connections, a few at a time on each lane, and hands each over on its loop.</summary>
    /// <remarks>Each failure lowers how many are made at a time: a server that takes no more soon ends this.</remarks>
    /// <exception cref="IOException">Not one could be made.</exception>
    public async Task ConnectAllAsync(int count, Action<Lane, WebSocketConnection> connected)
    {
        await ForEachAsync(async (lane, index) =>
        {
            int left = LoadOptions.Part(count, index, Lanes.Length);
            int workers = Math.Max(1, LoadOptions.Part(_options.Concurrency, index, Lanes.Length));
            await Task.WhenAll(Enumerable.Range(0, Math.Min(left, workers)).Select(_ => WorkAsync()));

            async Task WorkAsync()
            {
                while (left-- > 0)
                {
                    if (await ConnectAsync(lane) is not { } connection) return;
                    connected(lane, connection);
                    lane.Record(0);
                }
            }
        });
        if (Count == 0 && _errors.First is { } error) throw new IOException(error);
    }

    /// <summary>Runs an action on every lane's loop.</summary>
    public Task ForEachAsync(Func<Lane, int, Task> action) =>
        Task.WhenAll(Lanes.Select((lane, index) => lane.RunAsync(() => action(lane, index))));

    /// <inheritdoc cref="ForEachAsync(Func{Lane, int, Task})"/>
    public Task ForEachAsync(Action<Lane> action) => ForEachAsync((lane, _) =>
    {
        action(lane);
        return Task.CompletedTask;
    });

    public async Task BeginAsync()
    {
        await ForEachAsync(static lane => lane.Restart(isRecording: true));
        (_beganAt, _cpuAtBegin) = (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime);
    }

    public async Task EndAsync(bool goesOn)
    {
        (_elapsed, _cpu) = (Stopwatch.GetElapsedTime(_beganAt), Environment.CpuUsage.TotalTime - _cpuAtBegin);
        await ForEachAsync(lane => lane.End(goesOn));
    }

    public WorkResult Result(int connections)
    {
        var latency = new Histogram();
        foreach (Lane lane in Lanes) latency.Add(lane.Latency);
        return new WorkResult
        {
            Connections = connections,
            Operations = Lanes.Sum(lane => lane.Measured),
            Seconds = _elapsed.TotalSeconds,
            CpuMicroseconds = _cpu.TotalMicroseconds,
            Latencies = latency.ToPairs(),
            MaxLatency = latency.Max,
            Errors = _errors.ToDictionary(),
        };
    }

    public void Dispose() => _loops.Dispose();

    [SuppressMessage("Security", "CA5359", Justification = "It is what --insecure asks for.")]
    private static void TrustAnybody(SslClientAuthenticationOptions tls) =>
        tls.RemoteCertificateValidationCallback = static (_, _, _, _) => true;

    private WebSocketClientOptions ClientFrom(EndPoint? local)
    {
        // All that may be in flight fits twice, so that a send is refused only when the server does not read.
        long backlog = Math.Max(262144, 2L * _options.Depth * (_options.PayloadBytes + 14));
        var client = new WebSocketClientOptions
        {
            Loops = _loops,
            LocalEndPoint = local,
            ConnectTimeout = TimeSpan.FromSeconds(10),
            ConfigureTls = _options.IsInsecure ? TrustAnybody : null,
            Connection = new WebSocketConnectionOptions
            {
                MaxRemotePayload = Math.Max(65536, _options.PayloadBytes),
                FragmentSize = 0,
                SendBacklogLimit = (int)Math.Min(int.MaxValue, backlog),
                PingInterval = TimeSpan.Zero,
                Compression = new() { Mode = _options.Compression },
            },
        };
        foreach ((string name, string value) in _options.Headers) client.Headers[name] = value;
        return client;
    }
}
