using Tideway.Load.Results;
using Tideway.WebSockets.Connections;

namespace Tideway.Load.Workloads;

/// <summary>Holds connections on which nothing happens but the server's pings, which are answered.</summary>
internal sealed class IdleWorkload(LoadOptions options) : IWorkload
{
    private const int MostToWarmUp = 200;
    private readonly LaneGroup _group = new(options);
    private List<WebSocketConnection>[] _connections = [];
    private volatile bool _isClosing;

    private IEnumerable<WebSocketConnection> Connections => _connections.SelectMany(connections => connections);

    public async Task RunAsync(Step step)
    {
        switch (step)
        {
            case Step.Prepare when options.WarmupSeconds > 0:
                await ConnectAsync(Math.Min(MostToWarmUp, options.Connections));
                await CloseAsync();
                break;
            case Step.Start:
                await _group.ForEachAsync(static lane => lane.Restart(isRecording: false));
                await ConnectAsync(options.Connections);
                break;
            case Step.Begin:
                await _group.BeginAsync();
                break;
            case Step.End:
                await _group.EndAsync(goesOn: false);
                break;
        }
    }

    public Task<long> ProgressAsync() => Task.FromResult(_group.Count);

    public async Task<WorkResult> FinishAsync()
    {
        int open = Connections.Count(connection => connection.CloseReason is null);
        await CloseAsync();
        return _group.Result(open);
    }

    public ValueTask DisposeAsync()
    {
        _group.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task ConnectAsync(int count)
    {
        _isClosing = false;
        var lanes = _group.Lanes.ToDictionary(lane => lane, _ => new List<WebSocketConnection>());
        _connections = [.. lanes.Values];
        await _group.ConnectAllAsync(count, (lane, connection) =>
        {
            lanes[lane].Add(connection);
            _ = WatchAsync(lane, connection);
        });
    }

    private async Task CloseAsync()
    {
        _isClosing = true;
        await Task.WhenAll(Connections.Select(connection => connection.CloseAsync()));
    }

    private async Task WatchAsync(Lane lane, WebSocketConnection connection)
    {
        try
        {
            Message message;
            do message = await connection.ReceiveAsync();
            while (!message.IsClose);
        }
        catch (ConnectionClosedException)
        {
            // The reason is the connection's.
        }

        if (!_isClosing) lane.Errors.Add($"a connection was closed: {connection.CloseReason}");
    }
}
