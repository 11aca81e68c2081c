using System.Net;
using System.Net.Sockets;
using Tideway.Testing.Hosting;
using Tideway.Testing.Lifetime;
using Tideway.Testing.WebSockets;

namespace Tideway.Testing.Chaos;

/// <summary>Stands between clients and the service, and does to their bytes what networks do.</summary>
/// <remarks>Safe from any thread. Dispose it behind its clients.</remarks>
public sealed class Gate : ITestResource
{
    private readonly ServiceAddress _address;
    private readonly GateOptions _options;
    private readonly TestRun _run;
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Lock _lock = new();
    private readonly List<(GateConnection Connection, Task Running)> _connections = [];
    private readonly Task _accepting;
    private TaskCompletionSource? _stopped;
    private readonly CancellationTokenSource _end = new();

    internal Gate(ServiceAddress address, GateOptions options, TestRun run)
    {
        (_address, _options, _run) = (address, options, run);
        _listener.Start();
        ServiceAddress through = address.Through((IPEndPoint)_listener.LocalEndpoint);
        Address = through.Uri;
        WebSocketClient = new StrictWebSocketClient(through, () => run);
        _accepting = AcceptAsync();
        run.Own(this);
        run.Note($"The chance of a gate had the seed {options.Seed}: `gate => gate.Seed = {options.Seed}` repeats it.");
    }

    /// <summary>Opens WebSockets through the gate.</summary>
    public StrictWebSocketClient WebSocketClient { get; }

    /// <summary>The address of the service through the gate.</summary>
    public Uri Address { get; }

    /// <summary>What its chance began with.</summary>
    public int Seed => _options.Seed;

    /// <summary>How many connections there have been.</summary>
    public int Connections
    {
        get
        {
            lock (_lock) return _connections.Count;
        }
    }

    string ITestResource.Description => "a gate";

    /// <summary>Is cancelled with the gate.</summary>
    internal CancellationToken End => _end.Token;

    /// <summary>Lets nothing pass any more, either way, until <see cref="Resume"/>; connections stay open.</summary>
    public void Stop()
    {
        lock (_lock) _stopped ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    /// <summary>Lets everything pass again.</summary>
    public void Resume()
    {
        TaskCompletionSource? stopped;
        lock (_lock) (stopped, _stopped) = (_stopped, null);
        stopped?.SetResult();
    }

    /// <summary>Ends all connections, for both ends, by a reset.</summary>
    public void Reset() => ForEach(connection => connection.Reset());

    /// <summary>Ends all connections, for both ends, as if the other end had closed them.</summary>
    public void Close() => ForEach(connection => connection.Close());

    /// <summary>Ends all connections, and lets no more in.</summary>
    public async ValueTask DisposeAsync()
    {
        _run.Release(this);
        await _end.CancelAsync();
        _listener.Stop();
        await _accepting;
        Resume();
        Reset();
        Task[] running;
        lock (_lock) running = [.. _connections.Select(connection => connection.Running)];
        await Task.WhenAll(running);
        _end.Dispose();
    }

    void ITestResource.Abort() => Reset();

    internal Task WaitWhileStoppedAsync()
    {
        lock (_lock) return _stopped?.Task ?? Task.CompletedTask;
    }

    private void ForEach(Action<GateConnection> action)
    {
        GateConnection[] connections;
        lock (_lock) connections = [.. _connections.Select(connection => connection.Connection)];
        foreach (GateConnection connection in connections) action(connection);
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                Socket client = await _listener.AcceptSocketAsync();
                client.NoDelay = true;
                lock (_lock)
                {
                    var connection =
                        new GateConnection(client, _address.EndPoint, _options, _connections.Count, this);
                    _connections.Add((connection, Task.Run(connection.RunAsync)));
                }
            }
        }
        catch (Exception exception) when (
            _end.IsCancellationRequested && exception is SocketException or ObjectDisposedException)
        {
            // The gate is gone.
        }
    }
}
