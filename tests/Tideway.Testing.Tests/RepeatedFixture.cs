using System.Diagnostics;
using ProbeService;

namespace Tideway.Testing.Tests;

/// <summary>A service on a machine that has other things to do: as many threads as it has processors spin.</summary>
public class RepeatedFixture : ServiceFixture<Probe>, IAsyncLifetime
{
    private readonly CancellationTokenSource _end = new();
    private readonly List<TimeSpan> _times = [];
    private long _last;

    /// <summary>How long the tests took, one with the other, from one beginning to the next.</summary>
    public TimeSpan Median => _times.Order().ElementAt(_times.Count / 2);

    /// <summary>A test begins.</summary>
    public void Tick()
    {
        if (_last != 0) _times.Add(Stopwatch.GetElapsedTime(_last));
        _last = Stopwatch.GetTimestamp();
    }

    async ValueTask IAsyncLifetime.InitializeAsync()
    {
        for (int i = 0; i < Environment.ProcessorCount; i++) new Thread(Spin) { IsBackground = true }.Start();
        await InitializeAsync();
    }

    async ValueTask IAsyncDisposable.DisposeAsync()
    {
        await _end.CancelAsync();
        await DisposeAsync();
        Assert.InRange(Median, TimeSpan.Zero, TimeSpan.FromSeconds(1));
    }

    private void Spin()
    {
        while (!_end.IsCancellationRequested) Thread.SpinWait(10_000);
    }
}
