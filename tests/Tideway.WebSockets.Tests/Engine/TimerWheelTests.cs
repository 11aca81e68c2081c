using CsCheck;
using Tideway.WebSockets.Engine;

namespace Tideway.WebSockets.Tests.Engine;

/// <summary>The timers of a loop, under a clock that is moved by hand.</summary>
public sealed class TimerWheelTests
{
    /// <summary>How late a timer may be: two slots.</summary>
    private const long Lateness = 128;

    private readonly TimerWheel _wheel = new();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(64)]
    [InlineData(1000)]
    [InlineData(65_535)]
    [InlineData(65_536)]
    [InlineData(65_537)]
    [InlineData(10_000_000)]
    public void A_timer_fires_once_neither_early_nor_more_than_two_slots_late(long delay)
    {
        foreach (long start in new long[] { 0, 1, 63, 64, 12_345, 1L << 40 })
        {
            LoopSocket socket = NewSocket();
            _wheel.Set(socket, start, delay);
            long fired = SleepUntilFired(start, out LoopSocket? due);
            Assert.Same(socket, due);
            Assert.InRange(fired - start, delay, delay + Lateness);
            Assert.True(_wheel.IsEmpty);
            Assert.Equal(-1, _wheel.UntilNext(fired));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(1000)]
    [InlineData(1024)]
    [InlineData(60_000)]
    public void In_slots_of_a_millisecond_a_timer_is_due_when_its_time_is_over_however_far_time_moves(long delay)
    {
        var wheel = new TimerWheel(slotShift: 0);
        LoopSocket socket = NewSocket();
        wheel.Set(socket, 500, delay);
        if (delay > 0) Assert.Null(wheel.TakeDue(500 + delay - 1));
        Assert.Same(socket, wheel.TakeDue(500 + Math.Max(delay, 1)));
        wheel.Set(socket, 500 + delay, delay);
        Assert.Same(socket, wheel.TakeDue(1L << 40));
    }

    [Fact]
    public void A_timer_that_is_cleared_never_fires()
    {
        LoopSocket[] sockets = [NewSocket(), NewSocket(), NewSocket()];
        foreach (int cleared in new[] { 0, 1, 2 })
        {
            foreach (LoopSocket socket in sockets) _wheel.Set(socket, 0, 500);
            _wheel.Clear(sockets[cleared]);
            _wheel.Clear(sockets[cleared]);
            Assert.Equal(sockets.Where((_, i) => i != cleared).ToHashSet(), TakeAll(1000).ToHashSet());
        }
    }

    [Fact]
    public void A_timer_that_is_set_again_fires_at_its_second_time_only()
    {
        LoopSocket socket = NewSocket();
        _wheel.Set(socket, 0, 500);
        _wheel.Set(socket, 100, 5000);
        Assert.Empty(TakeAll(5099));
        Assert.Equal([socket], TakeAll(5100 + Lateness));
        _wheel.Set(socket, 10_000, 5000);
        _wheel.Set(socket, 10_100, 10);
        Assert.Equal([socket], TakeAll(10_110 + Lateness));
        Assert.Empty(TakeAll(100_000));
    }

    [Fact]
    public void Timers_set_while_others_fire_wait_for_their_own_time()
    {
        LoopSocket socket = NewSocket();
        _wheel.Set(socket, 0, 0);
        for (long now = Lateness; now < 10_000; now += Lateness)
        {
            Assert.Same(socket, _wheel.TakeDue(now));
            _wheel.Set(socket, now, 0);
            Assert.Null(_wheel.TakeDue(now));
        }
    }

    [Fact]
    public void Thousands_of_timers_over_many_rounds_fire_each_at_its_time()
    {
        var random = new Random(1);
        var due = new Dictionary<LoopSocket, long>();
        for (int i = 0; i < 20_000; i++)
        {
            LoopSocket socket = NewSocket();
            due[socket] = random.Next(600_000);
            _wheel.Set(socket, 0, due[socket]);
        }

        for (long now = 0; due.Count > 0; now += 50)
        {
            foreach (LoopSocket socket in TakeAll(now))
            {
                Assert.True(due.Remove(socket, out long time));
                Assert.InRange(now, time, time + Lateness + 50);
            }
        }

        Assert.True(_wheel.IsEmpty);
    }

    [Fact]
    public void After_a_long_sleep_all_that_is_due_fires_and_nothing_else()
    {
        LoopSocket[] sockets = [.. Enumerable.Range(0, 3000).Select(_ => NewSocket())];
        for (int i = 0; i < sockets.Length; i++) _wheel.Set(sockets[i], 0, i * 100L);
        Assert.Equal(sockets[..2001].ToHashSet(), TakeAll(2000 * 100 + 64).ToHashSet());
        Assert.Equal(sockets[2001..].ToHashSet(), TakeAll(10_000_000).ToHashSet());
    }

    [Fact]
    public void Any_sequence_of_sets_clears_and_sleeps_fires_what_a_naive_list_would()
    {
        Gen<(int What, int Which, int Time)> step = Gen.Select(Gen.Int[0, 2], Gen.Int[0, 9], Gen.OneOf(
            Gen.Int[0, 200], Gen.Int[0, 70_000], Gen.Int[0, 300_000]));
        Gen.Select(step.Array[0, 200], Gen.OneOf(Gen.Long[0, 200], Gen.Long[0, 1L << 40])).Sample((steps, start) =>
        {
            var wheel = new TimerWheel();
            LoopSocket[] sockets = [.. Enumerable.Range(0, 10).Select(_ => NewSocket())];
            var due = new Dictionary<LoopSocket, long>();
            long now = start;
            foreach ((int what, int which, int time) in steps)
            {
                LoopSocket socket = sockets[which];
                if (what == 0)
                {
                    wheel.Set(socket, now, time);
                    due[socket] = now + time;
                }
                else if (what == 1)
                {
                    wheel.Clear(socket);
                    due.Remove(socket);
                }
                else
                {
                    now += time;
                    while (wheel.TakeDue(now) is { } fired)
                    {
                        Assert.True(due.Remove(fired, out long expected), "fired, and was not set");
                        Assert.True(expected <= now, "fired early");
                    }

                    Assert.All(due.Values, left => Assert.True(left + Lateness > now, "did not fire in time"));
                }

                Assert.Equal(due.Count == 0, wheel.IsEmpty);
                int sleep = wheel.UntilNext(now);
                Assert.Equal(due.Count == 0, sleep == -1);
                if (due.Count > 0) Assert.True(now + sleep <= due.Values.Min() + Lateness, "would oversleep");
            }
        });
    }

    private static LoopSocket NewSocket() => new(-1, null!, default, null);

    private List<LoopSocket> TakeAll(long now)
    {
        var taken = new List<LoopSocket>();
        while (_wheel.TakeDue(now) is { } socket) taken.Add(socket);
        return taken;
    }

    /// <summary>Sleeps as a loop does, and answers when a timer fired.</summary>
    private long SleepUntilFired(long now, out LoopSocket due)
    {
        for (int wakeUps = 0; ; wakeUps++)
        {
            int sleep = _wheel.UntilNext(now);
            Assert.True(sleep > 0 && wakeUps < 100_000, "The loop would spin.");
            now += sleep;
            if (_wheel.TakeDue(now) is not { } socket) continue;
            due = socket;
            return now;
        }
    }
}
