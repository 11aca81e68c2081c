using Tideway.Load.Results;

namespace Tideway.Load.Workloads;

/// <summary>Sends messages to a server that echoes them, in a closed loop or at a fixed rate.</summary>
internal sealed class EchoWorkload(LoadOptions options) : IWorkload
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(5);
    private readonly LaneGroup _group = new(options);
    private readonly EchoScript _script = new(options);
    private readonly Dictionary<Lane, List<EchoClient>> _clients = [];
    private Pacer[] _pacers = [];

    private IEnumerable<EchoClient> Clients => _clients.Values.SelectMany(clients => clients);

    public async Task RunAsync(Step step)
    {
        switch (step)
        {
            case Step.Prepare:
                foreach (Lane lane in _group.Lanes) _clients[lane] = [];
                await _group.ConnectAllAsync(
                    options.Connections,
                    (lane, connection) => _clients[lane].Add(new EchoClient(lane, connection, _script)));
                break;
            case Step.Start:
                await StartAsync();
                break;
            case Step.Begin:
                await _group.BeginAsync();
                break;
            case Step.End:
                // At a fixed rate, what was sent in time and comes late belongs to the latencies.
                await _group.EndAsync(goesOn: options.Rate is not null);
                break;
        }
    }

    public Task<long> ProgressAsync() => Task.FromResult(_group.Count);

    public async Task<WorkResult> FinishAsync()
    {
        foreach (Pacer pacer in _pacers) pacer.Stop();
        await _group.ForEachAsync(static lane => lane.Stop());
        long deadline = Environment.TickCount64 + (long)_patience.TotalMilliseconds;
        while (Clients.Any(client => client.Outstanding > 0) && Environment.TickCount64 < deadline) await Task.Delay(5);
        long lost = Clients.Sum(client => client.Outstanding);
        if (lost > 0) _group.Errors.Add($"a message was not answered within {_patience.TotalSeconds} s", lost);
        int open = Clients.Count(client => client.IsOpen);
        await Task.WhenAll(Clients.Select(client => client.CloseAsync()));
        return _group.Result(open);
    }

    public ValueTask DisposeAsync()
    {
        foreach (Pacer pacer in _pacers) pacer.Stop();
        _group.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task StartAsync()
    {
        if (options.Rate is { } rate)
        {
            double perConnection = rate / Math.Max(1, Clients.Count());
            _pacers = [.. _clients.Values.Where(clients => clients.Count > 0)
                .Select(clients => new Pacer([.. clients], perConnection * clients.Count))];
        }

        await _group.ForEachAsync(lane =>
        {
            lane.Restart(isRecording: false);
            foreach (EchoClient client in _clients[lane]) client.Start();
        });
        foreach (Pacer pacer in _pacers) pacer.Start();
    }
}
