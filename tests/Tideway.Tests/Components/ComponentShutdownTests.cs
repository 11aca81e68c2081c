using Microsoft.Extensions.Logging;
using Tideway.Components;

namespace Tideway.Tests.Components;

public class ComponentShutdownTests
{
    private static readonly string[] _stopInOrder =
        ["stop top", "stop middle", "stop bottom", "dispose top", "dispose middle", "dispose bottom"];

    [Fact]
    public async Task Components_are_stopped_and_then_disposed_in_reverse_order()
    {
        ScriptedSystem scripted = new ScriptedSystem().Without("aside");
        ComponentSystem system = await scripted.StartAsync();

        await system.StopAsync(CancellationToken.None);

        Assert.Equal(_stopInOrder, scripted.Events.Skip(6));
    }

    [Fact]
    public async Task Nothing_is_disposed_before_all_have_stopped()
    {
        Gate bottomBegan = new(), asideBegan = new(), end = new();
        bool early = false;
        ScriptedSystem scripted = new ScriptedSystem()
            .With("bottom", new Script { Stopping = _ => { bottomBegan.Open(); return asideBegan.PassAsync(); } })
            .With("aside", new Script
            {
                Stopping = async _ =>
                {
                    asideBegan.Open();
                    await bottomBegan.PassAsync();
                    end.Open();
                },
            })
            .With("top", new Script { Dispose = () => Task.FromResult(early = !end.IsOpen) });
        ComponentSystem system = await scripted.StartAsync();

        await system.StopAsync(CancellationToken.None);

        Assert.False(early);
    }

    [Fact]
    public async Task A_component_stops_only_after_those_that_depend_on_it_have_ended()
    {
        Gate topBegan = new(), asideBegan = new(), topEnded = new();
        bool early = false;
        ScriptedSystem scripted = new ScriptedSystem()
            .With("aside", new Script
            {
                Stopping = _ =>
                {
                    asideBegan.Open();
                    return topBegan.PassAsync();
                },
            })
            .With("top", new Script
            {
                Stopping = async _ =>
                {
                    topBegan.Open();
                    await asideBegan.PassAsync();
                    topEnded.Open();
                },
            })
            .With("middle", new Script { Stopping = _ => Task.FromResult(early = !topEnded.IsOpen) });
        ComponentSystem system = await scripted.StartAsync();

        await system.StopAsync(CancellationToken.None);

        Assert.False(early);
    }

    [Fact]
    public async Task The_stopping_token_is_canceled_when_it_is_the_turn_of_the_component()
    {
        CancellationToken stopping = default;
        bool? whileMiddleStops = null, whenBottomStops = null;
        ScriptedSystem scripted = new ScriptedSystem()
            .With("bottom", new Script
            {
                Construct = context => stopping = context.Stopping,
                Stopping = _ =>
                {
                    whenBottomStops = stopping.IsCancellationRequested;
                    return Task.CompletedTask;
                },
            })
            .With("middle", new Script
            {
                Stopping = _ =>
                {
                    whileMiddleStops = stopping.IsCancellationRequested;
                    return Task.CompletedTask;
                },
            });
        ComponentSystem system = await scripted.StartAsync();

        await system.StopAsync(CancellationToken.None);

        Assert.False(whileMiddleStops);
        Assert.True(whenBottomStops);
    }

    [Fact]
    public async Task Failures_are_logged_and_change_nothing()
    {
        ScriptedSystem scripted = new ScriptedSystem()
            .Without("aside")
            .With("middle", new Script { Stopping = _ => throw new IOException("stop it") })
            .With("top", new Script { Dispose = () => throw new IOException("dispose it") });
        ComponentSystem system = await scripted.StartAsync();

        await system.StopAsync(CancellationToken.None);

        Assert.Equal(_stopInOrder, scripted.Events.Skip(6));
        Assert.Equal(
            ["Component middle failed to stop: stop it", "Component top failed to dispose: dispose it"],
            scripted.Log.At(LogLevel.Error));
    }

    [Fact]
    public async Task A_failing_listener_of_the_stopping_token_does_not_keep_the_hook_from_being_called()
    {
        ScriptedSystem scripted = new ScriptedSystem()
            .Without("aside")
            .With("top", new Script { Construct = context => context.Stopping.Register(Fail) });
        ComponentSystem system = await scripted.StartAsync();

        await system.StopAsync(CancellationToken.None);

        Assert.Equal(_stopInOrder, scripted.Events.Skip(6));
        Assert.StartsWith("Component top failed to stop", Assert.Single(scripted.Log.At(LogLevel.Error)));
    }

    [Fact]
    public async Task A_component_that_overstays_is_named_and_left_alone_while_the_others_end()
    {
        using var deadline = new CancellationTokenSource();
        Gate middleBegan = new(), never = new();
        CancellationToken given = default;
        ScriptedSystem scripted = new ScriptedSystem()
            .Without("aside")
            .With("middle", new Script
            {
                Stopping = token =>
                {
                    given = token;
                    middleBegan.Open();
                    return never.PassAsync();
                },
            });
        ComponentSystem system = await scripted.StartAsync();

        Task stop = system.StopAsync(deadline.Token);
        await middleBegan.PassAsync();
        await deadline.CancelAsync();
        await stop;

        Assert.Equal(deadline.Token, given);
        Assert.Equal(_stopInOrder.Where(happening => happening != "dispose middle"), scripted.Events.Skip(6));
        Assert.Equal(
            ["Component middle did not stop before the deadline and is waited for no longer"],
            scripted.Log.At(LogLevel.Warning));
        never.Open();
    }

    [Fact]
    public async Task After_the_deadline_each_component_still_gets_a_second()
    {
        Gate bottomBegan = new(), never = new();
        ScriptedSystem scripted = new ScriptedSystem()
            .Without("aside")
            .With("bottom", new Script
            {
                Stopping = _ => never.PassAsync(),
                Dispose = () => throw new InvalidOperationException("It still runs."),
            })
            .With("middle", new Script { Dispose = never.PassAsync });
        ComponentSystem system = await scripted.StartAsync();

        Task stop = system.StopAsync(new CancellationToken(canceled: true));
        while (!stop.IsCompleted)
        {
            scripted.Clock.Advance(TimeSpan.FromMilliseconds(1));
            await Task.Yield();
        }

        Assert.Equal(
            [
                "Component bottom did not stop before the deadline and is waited for no longer",
                "Component middle did not dispose before the deadline and is waited for no longer",
            ],
            scripted.Log.At(LogLevel.Warning));
        Assert.Empty(scripted.Log.At(LogLevel.Error));
        never.Open();
    }

    [Fact]
    public async Task Stopping_again_waits_for_the_stop_that_was_begun()
    {
        Gate topBegan = new(), end = new();
        ScriptedSystem scripted = new ScriptedSystem()
            .Without("aside")
            .With("top", new Script { Stopping = _ => { topBegan.Open(); return end.PassAsync(); } });
        ComponentSystem system = await scripted.StartAsync();

        Task first = system.StopAsync(CancellationToken.None);
        await topBegan.PassAsync();
        Task second = system.StopAsync(CancellationToken.None);
        Assert.False(second.IsCompleted);
        end.Open();
        await Task.WhenAll(first, second);
        await system.StopAsync(CancellationToken.None);

        Assert.Equal(_stopInOrder, scripted.Events.Skip(6));
    }
    private static void Fail() => throw new IOException("no");
}
