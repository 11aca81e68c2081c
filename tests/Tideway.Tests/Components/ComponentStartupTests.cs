using Microsoft.Extensions.Logging;
using Tideway.Components;

namespace Tideway.Tests.Components;

public class ComponentStartupTests
{
    [Fact]
    public async Task Independent_components_are_constructed_in_parallel()
    {
        Gate bottomBegan = new(), asideBegan = new();
        ScriptedSystem scripted = new ScriptedSystem()
            .With("bottom", new Script { Construct = _ => { bottomBegan.Open(); asideBegan.Pass(); } })
            .With("aside", new Script { Construct = _ => { asideBegan.Open(); bottomBegan.Pass(); } });

        await scripted.StartAsync();
    }

    [Fact]
    public async Task A_component_is_constructed_as_soon_as_its_own_dependencies_are()
    {
        var topConstructed = new Gate();
        ScriptedSystem scripted = new ScriptedSystem()
            .With("aside", new Script { Construct = _ => topConstructed.Pass() })
            .With("top", new Script { Construct = _ => topConstructed.Open() });

        await scripted.StartAsync();
    }

    [Fact]
    public async Task Constructors_and_then_hooks_run_in_the_order_of_dependencies()
    {
        ScriptedSystem scripted = new ScriptedSystem().Without("aside");

        await scripted.StartAsync();

        Assert.Equal(
            ["construct bottom", "construct middle", "construct top", "load bottom", "load middle", "load top"],
            scripted.Events);
    }

    [Fact]
    public async Task No_hook_runs_before_the_last_constructor_has_returned()
    {
        Gate topConstructed = new(), asideConstructed = new();
        bool early = false;
        ScriptedSystem scripted = new ScriptedSystem()
            .With("aside", new Script { Construct = _ => { topConstructed.Pass(); asideConstructed.Open(); } })
            .With("top", new Script { Construct = _ => topConstructed.Open() })
            .With("bottom", new Script { Loaded = _ => Task.FromResult(early = !asideConstructed.IsOpen) });

        await scripted.StartAsync();

        Assert.False(early);
    }

    [Fact]
    public async Task A_hook_waits_for_the_hooks_of_dependencies_and_for_no_others()
    {
        Gate bottomBegan = new(), bottomEnded = new(), asideBegan = new(), topBegan = new();
        bool early = false;
        ScriptedSystem scripted = new ScriptedSystem()
            .With("bottom", new Script
            {
                Loaded = async _ =>
                {
                    bottomBegan.Open();
                    await asideBegan.PassAsync();
                    bottomEnded.Open();
                },
            })
            .With("aside", new Script
            {
                Loaded = async _ =>
                {
                    asideBegan.Open();
                    await bottomBegan.PassAsync();
                    await topBegan.PassAsync();
                },
            })
            .With("middle", new Script { Loaded = _ => Task.FromResult(early = !bottomEnded.IsOpen) })
            .With("top", new Script { Loaded = _ => { topBegan.Open(); return Task.CompletedTask; } });

        await scripted.StartAsync();

        Assert.False(early);
    }

    [Fact]
    public async Task A_successful_start_is_logged_with_its_duration()
    {
        var scripted = new ScriptedSystem();
        scripted.With("bottom", new Script { Construct = _ => scripted.Clock.Advance(TimeSpan.FromSeconds(3)) });

        await scripted.StartAsync();

        Assert.Equal(["All 4 components started in 00:00:03"], scripted.Log.At(LogLevel.Information));
    }

    [Fact]
    public async Task A_failing_constructor_fails_the_start_and_unwinds_what_was_constructed()
    {
        var complaint = new InvalidOperationException("the disk is full");
        ScriptedSystem scripted = new ScriptedSystem()
            .Without("aside")
            .With("top", new Script { Construct = _ => throw complaint });

        ComponentException failure = await Assert.ThrowsAsync<ComponentException>(() => scripted.StartAsync());

        Assert.Equal("Cannot start component top: the disk is full", failure.Message);
        Assert.Equal(("top", "the disk is full"), (failure.ComponentName, failure.Reason));
        Assert.Same(complaint, failure.InnerException);
        Assert.Equal(
            [
                "construct bottom", "construct middle", "construct top",
                "stop middle", "stop bottom", "dispose middle", "dispose bottom",
            ],
            scripted.Events);
        Assert.Equal(["Cannot start component top: the disk is full"], scripted.Log.At(LogLevel.Error));
    }

    [Fact]
    public async Task A_failure_that_is_no_bug_is_only_thrown_and_not_logged()
    {
        ScriptedSystem scripted = new ScriptedSystem()
            .With("top", new Script { Construct = _ => throw new IOException("the disk is full") });

        ComponentException failure = await Assert.ThrowsAsync<ComponentException>(() => scripted.StartAsync());

        Assert.True(failure.IsEnvironmental);
        Assert.Empty(scripted.Log.At(LogLevel.Error).Concat(scripted.Log.At(LogLevel.Information)));
    }

    [Fact]
    public async Task After_a_failure_running_constructors_are_told_and_no_more_begin()
    {
        var bottomBegan = new Gate();
        ScriptedSystem scripted = new ScriptedSystem()
            .With("bottom", new Script
            {
                Construct = context =>
                {
                    bottomBegan.Open();
                    var told = new Gate();
                    using CancellationTokenRegistration _ = context.Stopping.Register(told.Open);
                    told.Pass();
                },
            })
            .With("aside", new Script
            {
                Construct = _ =>
                {
                    bottomBegan.Pass();
                    throw new IOException("no route");
                },
            });

        ComponentException failure = await Assert.ThrowsAsync<ComponentException>(() => scripted.StartAsync());

        Assert.Equal("aside", failure.ComponentName);
        Assert.Equal(
            ["construct aside", "construct bottom", "dispose bottom", "stop bottom"],
            scripted.Events.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task The_first_of_several_failures_is_the_one_reported()
    {
        var bottomBegan = new Gate();
        ScriptedSystem scripted = new ScriptedSystem()
            .With("bottom", new Script
            {
                Construct = context =>
                {
                    bottomBegan.Open();
                    context.Stopping.WaitHandle.WaitOne(TimeSpan.FromSeconds(30));
                    throw new IOException("interrupted");
                },
            })
            .With("aside", new Script
            {
                Construct = _ =>
                {
                    bottomBegan.Pass();
                    throw new IOException("no route");
                },
            });

        ComponentException failure = await Assert.ThrowsAsync<ComponentException>(() => scripted.StartAsync());

        Assert.Equal("Cannot start component aside: no route", failure.Message);
        Assert.Equal(["Component bottom gave up as the start ended: interrupted"], scripted.Log.At(LogLevel.Warning));
    }

    [Fact]
    public async Task A_failing_hook_fails_the_start_and_stops_all_components_in_reverse_order()
    {
        ScriptedSystem scripted = new ScriptedSystem()
            .Without("aside")
            .With("middle", new Script { Loaded = _ => throw new IOException("the port is taken") });

        ComponentException failure = await Assert.ThrowsAsync<ComponentException>(() => scripted.StartAsync());

        Assert.Equal("Cannot start component middle: the port is taken", failure.Message);
        Assert.Equal(
            [
                "load bottom", "load middle", "stop top", "stop middle", "stop bottom",
                "dispose top", "dispose middle", "dispose bottom",
            ],
            scripted.Events.Skip(3));
    }

    [Fact]
    public async Task A_failing_hook_cancels_the_hooks_that_run()
    {
        var bottomBegan = new Gate();
        ScriptedSystem scripted = new ScriptedSystem()
            .With("bottom", new Script
            {
                Loaded = token =>
                {
                    bottomBegan.Open();
                    return Task.Delay(Timeout.Infinite, token);
                },
            })
            .With("aside", new Script
            {
                Loaded = async _ =>
                {
                    await bottomBegan.PassAsync();
                    throw new IOException("no route");
                },
            });

        ComponentException failure = await Assert.ThrowsAsync<ComponentException>(() => scripted.StartAsync());

        Assert.Equal("aside", failure.ComponentName);
    }

    [Fact]
    public async Task A_time_out_inside_a_constructor_is_a_failure_like_any_other()
    {
        ScriptedSystem scripted = new ScriptedSystem()
            .With("bottom", new Script { Construct = _ => throw new TaskCanceledException("the request timed out") });

        ComponentException failure = await Assert.ThrowsAsync<ComponentException>(() => scripted.StartAsync());

        Assert.Equal("Cannot start component bottom: the request timed out", failure.Message);
    }

    [Fact]
    public async Task A_start_that_is_called_off_unwinds()
    {
        using var source = new CancellationTokenSource();
        ScriptedSystem scripted = new ScriptedSystem()
            .Without("aside")
            .With("middle", new Script
            {
                Construct = context =>
                {
                    source.Cancel();
                    context.Stopping.ThrowIfCancellationRequested();
                },
            });

        var end = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => scripted.StartAsync(source.Token));

        Assert.Equal(source.Token, end.CancellationToken);
        Assert.Equal(["construct bottom", "construct middle", "stop bottom", "dispose bottom"], scripted.Events);
        Assert.Empty(scripted.Log.At(LogLevel.Error));
    }

    [Fact]
    public async Task A_start_that_was_called_off_beforehand_constructs_nothing()
    {
        var scripted = new ScriptedSystem();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => scripted.StartAsync(new CancellationToken(canceled: true)));

        Assert.Empty(scripted.Events);
    }

    [Fact]
    public async Task A_constructor_that_never_returns_is_waited_for_30_seconds_after_a_failure()
    {
        Gate bottomBegan = new(), bottomTold = new(), end = new();
        ScriptedSystem scripted = new ScriptedSystem()
            .With("bottom", new Script
            {
                Construct = context =>
                {
                    bottomBegan.Open();
                    context.Stopping.WaitHandle.WaitOne(TimeSpan.FromSeconds(30));
                    bottomTold.Open();
                    end.Pass();
                },
            })
            .With("aside", new Script
            {
                Construct = _ =>
                {
                    bottomBegan.Pass();
                    throw new IOException("no route");
                },
            });

        Task<ComponentSystem> start = scripted.StartAsync();
        await bottomTold.PassAsync();
        scripted.Clock.Advance(TimeSpan.FromSeconds(30));

        await Assert.ThrowsAsync<ComponentException>(() => start);
        end.Open();
        Assert.Equal(
            ["Component bottom did not start before the deadline and is waited for no longer"],
            scripted.Log.At(LogLevel.Warning));
    }

    [Fact]
    public async Task A_slow_start_tells_every_ten_seconds_who_is_constructing_and_who_waits_for_whom()
    {
        Gate bottomBegan = new(), end = new();
        ScriptedSystem scripted = new ScriptedSystem()
            .Without("aside")
            .With("bottom", new Script { Construct = _ => { bottomBegan.Open(); end.Pass(); } });

        Task<ComponentSystem> start = scripted.StartAsync();
        await bottomBegan.PassAsync();
        scripted.Clock.Advance(TimeSpan.FromSeconds(9.9));
        Assert.Empty(scripted.Log.At(LogLevel.Information));
        scripted.Clock.Advance(TimeSpan.FromSeconds(0.1));
        scripted.Clock.Advance(TimeSpan.FromSeconds(10));
        end.Open();
        await start;
        scripted.Clock.Advance(TimeSpan.FromSeconds(60));

        Assert.Equal(
            [
                "Components are still starting after 00:00:10; constructing: bottom; " +
                "waiting: middle (for bottom), top (for middle)",
                "Components are still starting after 00:00:20; constructing: bottom; " +
                "waiting: middle (for bottom), top (for middle)",
                "All 3 components started in 00:00:20",
            ],
            scripted.Log.At(LogLevel.Information));
    }

    [Fact]
    public async Task A_slow_start_tells_whose_hooks_it_waits_for()
    {
        Gate middleBegan = new(), end = new();
        ScriptedSystem scripted = new ScriptedSystem()
            .Without("aside")
            .With("middle", new Script
            {
                Loaded = _ =>
                {
                    middleBegan.Open();
                    return end.PassAsync();
                },
            });

        Task<ComponentSystem> start = scripted.StartAsync();
        await middleBegan.PassAsync();
        scripted.Clock.Advance(TimeSpan.FromSeconds(10));
        end.Open();
        await start;

        Assert.Equal(
            "Components are still starting after 00:00:10; in their loaded hooks: middle; waiting: top (for middle)",
            scripted.Log.At(LogLevel.Information).First());
    }
}
