using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Tideway.Components;

namespace Tideway.Tests.Components;

public sealed class PeriodicTaskTests
{
    private static readonly TimeSpan _minute = TimeSpan.FromMinutes(1);

    private readonly FakeTimeProvider _clock = new();
    private readonly LogCapture _log = new();
    private readonly SemaphoreSlim _ran = new(0);
    private readonly ComponentContext _context;

    public PeriodicTaskTests() =>
        _context = new ComponentContext("rooms") { TimeProvider = _clock, LoggerFactory = _log };

    private static CancellationToken Patience => new CancellationTokenSource(TimeSpan.FromSeconds(60)).Token;

    [Fact]
    public async Task It_runs_after_each_interval_and_not_before_it_is_started()
    {
        await using PeriodicTask task = Task("sweep", _ => Done());
        _clock.Advance(_minute * 5);
        task.Start();
        task.Start();
        _clock.Advance(_minute - TimeSpan.FromMilliseconds(1));
        Assert.Equal(0, task.Succeeded);
        for (int i = 0; i < 3; i++)
        {
            await AdvanceUntilRunAsync();
        }

        Assert.Equal(0, task.Failed);
    }

    [Fact]
    public async Task A_run_that_throws_is_logged_and_counted_and_the_next_comes_after_the_failure_interval()
    {
        await using var task = new PeriodicTask(
            _context,
            "sweep",
            _minute,
            _ =>
            {
                _ran.Release();
                throw new InvalidOperationException("no broom");
            })
        {
            FailureInterval = TimeSpan.FromSeconds(1),
        };
        task.Start();
        await AdvanceUntilRunAsync();
        DateTimeOffset failed = _clock.GetUtcNow();
        await AdvanceUntilRunAsync(TimeSpan.FromMilliseconds(100));
        Assert.InRange(_clock.GetUtcNow() - failed, TimeSpan.FromSeconds(0.9), _minute / 2);
        Assert.False(await task.RunAsync(Patience));
        Assert.Equal(3, task.Failed);
        Assert.Equal(
            "Periodic task sweep failed; it goes on in 00:00:01", _log.At(LogLevel.Error).First());
    }

    [Fact]
    public async Task Suspended_it_runs_only_when_it_is_told_to_also_if_it_came_later()
    {
        await using PeriodicTask early = Task("early", _ => Done());
        _context.PeriodicTasks.SuspendOnly(["early", "late"]);
        await using PeriodicTask late = Task("late", _ => Done());
        Assert.True(early.IsSuspended && late.IsSuspended);
        late.Start();
        _clock.Advance(_minute * 2);
        Assert.True(await late.RunAsync(Patience));
        Assert.Equal(1, late.Succeeded);
        _context.PeriodicTasks.SuspendOnly([]);
        Assert.False(early.IsSuspended || late.IsSuspended);
    }

    [Fact]
    public async Task Runs_do_not_overlap()
    {
        var gate = new TaskCompletionSource();
        int running = 0;
        await using PeriodicTask task = Task("sweep", async _ =>
        {
            Assert.Equal(1, Interlocked.Increment(ref running));
            await gate.Task;
            Interlocked.Decrement(ref running);
        });
        Task<bool> first = task.RunAsync(Patience);
        Task<bool> second = task.RunAsync(Patience);
        gate.SetResult();
        Assert.True(await first);
        Assert.True(await second);
        Assert.Equal(2, task.Succeeded);
    }

    [Fact]
    public async Task It_ends_with_its_component_and_when_it_is_disposed_and_its_run_with_it()
    {
        using var stopping = new CancellationTokenSource();
        var context = new ComponentContext("rooms") { TimeProvider = _clock, Stopping = stopping.Token };
        var task = new PeriodicTask(context, "sweep", _minute, async token =>
        {
            _ran.Release();
            await System.Threading.Tasks.Task.Delay(Timeout.Infinite, token);
        });
        task.Start();
        await AdvanceUntilRunAsync();
        await stopping.CancelAsync();
        await task.DisposeAsync();
        await task.DisposeAsync();
        Assert.Equal(0, task.Failed);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => task.RunAsync(Patience));
        await using var again = new PeriodicTask(context, "sweep", _minute, _ => Done());
    }

    [Fact]
    public async Task A_name_is_given_once_and_an_interval_is_more_than_nothing()
    {
        await using PeriodicTask task = Task("sweep", _ => Done());
        Assert.Throws<InvalidOperationException>(() => Task("sweep", _ => Done()));
        Assert.Throws<ArgumentOutOfRangeException>(() => task.Interval = TimeSpan.Zero);
    }

    private PeriodicTask Task(string name, Func<CancellationToken, Task> work) => new(_context, name, _minute, work);

    private Task Done()
    {
        _ran.Release();
        return System.Threading.Tasks.Task.CompletedTask;
    }

    /// <summary>Moves the clock until the next run: its pause begins some time after the last one.</summary>
    private async Task AdvanceUntilRunAsync(TimeSpan? step = null)
    {
        while (!await _ran.WaitAsync(1, Patience)) _clock.Advance(step ?? TimeSpan.FromSeconds(10));
    }
}
