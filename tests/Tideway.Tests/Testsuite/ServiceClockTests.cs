using Microsoft.Extensions.Time.Testing;
using Tideway.Testsuite;

namespace Tideway.Tests.Testsuite;

public sealed class ServiceClockTests
{
    private static readonly DateTimeOffset _noon = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);

    private readonly FakeTimeProvider _real = new(_noon.AddYears(-1));
    private readonly ServiceClock _clock;

    public ServiceClockTests() => _clock = new ServiceClock(_real);

    private static CancellationToken Patience => new CancellationTokenSource(TimeSpan.FromSeconds(60)).Token;

    [Fact]
    public void It_runs_as_the_real_clock_does_until_it_is_frozen()
    {
        long began = _clock.GetTimestamp();
        _real.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(TimeSpan.FromSeconds(3), _clock.GetElapsedTime(began));
        Assert.Equal(_real.GetUtcNow(), _clock.GetUtcNow());
    }

    [Fact]
    public void Frozen_it_tells_the_time_that_it_was_given_and_monotonic_time_stands()
    {
        long began = _clock.GetTimestamp();
        _clock.Freeze(_noon);
        _real.Advance(TimeSpan.FromHours(1));
        Assert.Equal(_noon, _clock.GetUtcNow());
        Assert.Equal(TimeSpan.Zero, _clock.GetElapsedTime(began));
    }

    [Fact]
    public void A_move_forward_moves_monotonic_time_and_a_move_back_does_not()
    {
        _clock.Freeze(_noon);
        long began = _clock.GetTimestamp();
        _clock.Freeze(_noon.AddMinutes(5));
        Assert.Equal(TimeSpan.FromMinutes(5), _clock.GetElapsedTime(began));
        _clock.Freeze(_noon);
        Assert.Equal(_noon, _clock.GetUtcNow());
        Assert.Equal(TimeSpan.FromMinutes(5), _clock.GetElapsedTime(began));
        _clock.Freeze(_noon.AddMinutes(1));
        Assert.Equal(TimeSpan.FromMinutes(6), _clock.GetElapsedTime(began));
    }

    [Fact]
    public void Unfrozen_it_is_the_real_time_again_and_monotonic_time_goes_on_from_where_it_stood()
    {
        long began = _clock.GetTimestamp();
        _clock.Freeze(_noon);
        _clock.Freeze(_noon.AddHours(1));
        _real.Advance(TimeSpan.FromSeconds(2));
        _clock.Unfreeze();
        Assert.Equal(_real.GetUtcNow(), _clock.GetUtcNow());
        Assert.Equal(TimeSpan.FromHours(1), _clock.GetElapsedTime(began));
        _real.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(TimeSpan.FromHours(1) + TimeSpan.FromSeconds(3), _clock.GetElapsedTime(began));
    }

    [Fact]
    public async Task Wall_time_that_is_set_stands_while_monotonic_time_runs_and_fires_timers()
    {
        _clock.SetWall(_noon);
        long began = _clock.GetTimestamp();
        Task delay = Task.Delay(TimeSpan.FromSeconds(3), _clock, Patience);
        _clock.SetWall(_noon.AddHours(1));
        Assert.False(delay.IsCompleted);
        _real.Advance(TimeSpan.FromSeconds(4));
        await delay.WaitAsync(Patience);
        Assert.Equal(_noon.AddHours(1), _clock.GetUtcNow());
        Assert.Equal(TimeSpan.FromSeconds(4), _clock.GetElapsedTime(began));
        _clock.SetWall(null);
        Assert.Equal(_real.GetUtcNow(), _clock.GetUtcNow());
    }

    [Fact]
    public void Frozen_after_its_wall_time_was_set_it_stands_and_set_again_it_goes_on_from_there()
    {
        _clock.SetWall(_noon.AddHours(-1));
        long began = _clock.GetTimestamp();
        _clock.Freeze(_noon);
        _real.Advance(TimeSpan.FromSeconds(4));
        Assert.Equal(TimeSpan.Zero, _clock.GetElapsedTime(began));
        _clock.Freeze(_noon.AddSeconds(5));
        _clock.SetWall(_noon);
        _real.Advance(TimeSpan.FromSeconds(4));
        Assert.Equal(TimeSpan.FromSeconds(9), _clock.GetElapsedTime(began));
        Assert.Equal(_noon, _clock.GetUtcNow());
    }

    [Fact]
    public async Task A_delay_ends_when_the_clock_is_moved_to_its_end_and_not_before()
    {
        _clock.Freeze(_noon);
        Task delay = Task.Delay(TimeSpan.FromMinutes(10), _clock, Patience);
        _clock.Freeze(_noon.AddMinutes(10).AddMilliseconds(-1));
        _real.Advance(TimeSpan.FromDays(1));
        Task earlier = Task.Delay(TimeSpan.FromMilliseconds(1), _clock, Patience);
        Assert.False(delay.IsCompleted);
        _clock.Freeze(_noon.AddMinutes(10));
        await Task.WhenAll(delay, earlier).WaitAsync(Patience);
    }

    [Fact]
    public async Task A_delay_that_began_before_the_freeze_ends_by_moves_too_and_one_that_outlasts_it_by_real_time()
    {
        Task soon = Task.Delay(TimeSpan.FromSeconds(10), _clock, Patience);
        Task later = Task.Delay(TimeSpan.FromSeconds(30), _clock, Patience);
        _real.Advance(TimeSpan.FromSeconds(4));
        _clock.Freeze(_noon);
        _clock.Freeze(_noon.AddSeconds(6));
        await soon.WaitAsync(Patience);
        _clock.Unfreeze();
        _real.Advance(TimeSpan.FromSeconds(19));
        Assert.False(later.IsCompleted);
        _real.Advance(TimeSpan.FromSeconds(2));
        await later.WaitAsync(Patience);
    }

    [Fact]
    public async Task A_timer_fires_once_a_move_whatever_its_period_and_no_more_once_it_is_disposed()
    {
        using var fired = new SemaphoreSlim(0);
        _clock.Freeze(_noon);
        ITimer timer = _clock.CreateTimer(
            _ => fired.Release(), null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
        _clock.Freeze(_noon.AddSeconds(10));
        await fired.WaitAsync(Patience);
        _clock.Freeze(_noon.AddSeconds(11));
        await fired.WaitAsync(Patience);
        Assert.True(timer.Change(TimeSpan.FromSeconds(5), Timeout.InfiniteTimeSpan));
        _clock.Freeze(_noon.AddSeconds(15));
        Assert.Equal(0, fired.CurrentCount);
        _clock.Freeze(_noon.AddSeconds(16));
        await fired.WaitAsync(Patience);
        timer.Dispose();
        Assert.False(timer.Change(TimeSpan.Zero, TimeSpan.Zero));
        Assert.Equal(0, fired.CurrentCount);
    }

    [Fact]
    public async Task Time_outs_of_tokens_are_moved_too_and_see_the_context_of_who_set_them()
    {
        var context = new AsyncLocal<string> { Value = "mine" };
        _clock.Freeze(_noon);
        var seen = new TaskCompletionSource<string?>();
        using ITimer timer = _clock.CreateTimer(
            _ => seen.SetResult(context.Value), null, TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan);
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(1), _clock);
        var canceled = new TaskCompletionSource();
        timeout.Token.Register(canceled.SetResult);
        context.Value = "other";
        _clock.Freeze(_noon.AddSeconds(1));
        Assert.Equal("mine", await seen.Task.WaitAsync(Patience));
        await canceled.Task.WaitAsync(Patience);
    }

    [Fact]
    public void Who_waits_for_other_processes_can_have_the_real_clock()
    {
        Assert.Same(_real, ServiceClock.RealTimeOf(_clock));
        Assert.Same(TimeProvider.System, ServiceClock.RealTimeOf(TimeProvider.System));
    }
}
