using System.Diagnostics;
using Tideway.Load.Results;
using Tideway.WebSockets.Connections;

namespace Tideway.Load.Workloads;

/// <summary>Opens and closes connections, as many at once as the concurrency says.</summary>
internal sealed class ConnectWorkload(LoadOptions options) : IWorkload
{
    private readonly LaneGroup _group = new(options);
    private Task _running = Task.CompletedTask;

    public async Task RunAsync(Step step)
    {
        switch (step)
        {
            case Step.Start:
                _running = _group.ForEachAsync(StormAsync);
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
        await _group.ForEachAsync(static lane => lane.Stop());
        await _running;
        return _group.Result(0);
    }

    public ValueTask DisposeAsync()
    {
        _group.Dispose();
        return ValueTask.CompletedTask;
    }

    private Task StormAsync(Lane lane, int index)
    {
        int workers = Math.Max(1, LoadOptions.Part(options.Concurrency, index, options.Threads));
        return Task.WhenAll(Enumerable.Range(0, workers).Select(_ => WorkAsync(lane)));
    }

    private async Task WorkAsync(Lane lane)
    {
        while (!lane.IsStopping)
        {
            long start = Stopwatch.GetTimestamp();
            WebSocketConnection? connection = await _group.ConnectAsync(lane);
            if (connection is null)
            {
                // A server that refuses everything is not to be hammered.
                await Task.Delay(100);
                continue;
            }

            lane.Record(Stopwatch.GetTimestamp() - start);
            await connection.CloseAsync();
        }
    }
}
