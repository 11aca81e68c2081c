using Microsoft.Extensions.Logging;
using Tideway.DynamicConfig;

namespace Tideway.Tests.DynamicConfig;

/// <summary>Snapshots and subscriptions.</summary>
public sealed class DynamicConfigSourceTests
{
    private static readonly DynamicConfigKey<int> _one = new("TEST_ONE", 1, "A number.");
    private static readonly DynamicConfigKey<int> _two = new("TEST_TWO", 2, "A number.");
    private static readonly DynamicConfigKey<IReadOnlyList<string>> _names = new("TEST_NAMES", ["a"], "Names.");

    [Fact]
    public void A_new_source_has_the_defaults_of_the_code()
    {
        var source = new DynamicConfigSource();
        Assert.Equal(1, source.Get(_one));
        Assert.Equal(["a"], source.Get(_names));
    }

    [Fact]
    public void A_snapshot_does_not_change()
    {
        using var values = new ValuesOf(_one);
        DynamicConfigSnapshot before = values.Source.Current;
        Assert.Null(values.Apply("""{ "TEST_ONE": 5 }"""));
        Assert.Equal(1, before.Get(_one));
        Assert.Equal(5, values.Source.Get(_one));
    }

    [Fact]
    public void A_variable_that_a_later_update_does_not_have_is_the_default_again()
    {
        using var values = new ValuesOf(_one);
        values.Apply("""{ "TEST_ONE": 5 }""");
        values.Apply("{}");
        Assert.Equal(1, values.Source.Get(_one));
    }

    [Fact]
    public void A_wrong_value_refuses_the_whole_update_and_is_named_once()
    {
        using var values = new ValuesOf(_one, _two);
        values.Apply("""{ "TEST_ONE": 5 }""");
        for (int i = 0; i < 3; i++) values.Apply("""{ "TEST_ONE": 6, "TEST_TWO": "x" }""");
        Assert.Equal(5, values.Source.Get(_one));
        Assert.Equal(
            "Dynamic config of test is refused, all values stay as they are: "
            + "test  TEST_TWO: found the string 'x', expected an integer",
            Assert.Single(values.Log.At(LogLevel.Error)));
    }

    [Fact]
    public void Names_that_nothing_reads_are_told_with_what_was_probably_meant()
    {
        using var values = new ValuesOf(_one);
        for (int i = 0; i < 3; i++) Assert.Null(values.Apply("""{ "TEST_ONEE": 5 }"""));
        Assert.Equal(
            "Dynamic config of test has names that nothing here reads: TEST_ONEE (did you mean 'TEST_ONE'?)",
            Assert.Single(values.Log.At(LogLevel.Information)));
    }

    [Fact]
    public void A_subscriber_is_told_at_once_and_of_every_change_but_of_nothing_else()
    {
        using var values = new ValuesOf(_one, _two, _names);
        var told = new List<string>();
        using IDisposable all = values.Source.Subscribe((old, now) =>
            told.Add($"{old?.Get(_one)}>{now.Get(_one)} {string.Join(',', now.Get(_names))}"));
        values.Apply("{}");
        values.Apply("""{ "TEST_ONE": 1, "TEST_NAMES": ["a"], "UNKNOWN": 7 }""");
        values.Apply("""{ "TEST_ONE": 3 }""");
        values.Apply("""{ "TEST_ONE": 3, "TEST_NAMES": ["a", "b"] }""");
        values.Apply("""{ "TEST_ONE": "x" }""");
        Assert.Equal([">1 a", "1>3 a", "3>3 a,b"], told);
    }

    [Fact]
    public void A_subscriber_of_some_variables_is_told_only_of_those()
    {
        using var values = new ValuesOf(_one, _two, _names);
        var told = new List<int>();
        var lists = new List<string>();
        using IDisposable one = values.Source.Subscribe(_one, told.Add);
        using IDisposable two = values.Source.Subscribe(
            (_, now) => lists.Add($"{now.Get(_two)} {now.Get(_names).Count}"), _two, _names);
        values.Apply("""{ "TEST_ONE": 5 }""");
        values.Apply("""{ "TEST_ONE": 5, "TEST_TWO": 6 }""");
        values.Apply("""{ "TEST_ONE": 5, "TEST_TWO": 6, "TEST_NAMES": [] }""");
        Assert.Equal([1, 5], told);
        Assert.Equal(["2 1", "6 1", "6 0"], lists);
    }

    [Fact]
    public void A_subscriber_that_fails_is_logged_and_keeps_nobody_from_knowing()
    {
        using var values = new ValuesOf(_one);
        int failures = 0, told = 0;
        using IDisposable bad = values.Source.Subscribe(_one, value =>
        {
            if (value > 1) throw new InvalidOperationException($"{failures++}");
        });
        using IDisposable good = values.Source.Subscribe(_one, value => told = value);
        values.Apply("""{ "TEST_ONE": 5 }""");
        values.Apply("""{ "TEST_ONE": 6 }""");
        Assert.Equal(6, told);
        Assert.Equal(2, failures);
        Assert.Equal(2, values.Log.At(LogLevel.Error).Count());
        Assert.All(
            values.Log.At(LogLevel.Error),
            line => Assert.Contains(nameof(A_subscriber_that_fails_is_logged_and_keeps_nobody_from_knowing), line));
    }

    [Fact]
    public void A_subscriber_that_fails_at_once_gets_its_exception_and_no_more_calls()
    {
        using var values = new ValuesOf(_one);
        int calls = 0;
        Assert.Throws<InvalidOperationException>(() => values.Source.Subscribe(_one, _ =>
        {
            calls++;
            throw new InvalidOperationException();
        }));
        values.Apply("""{ "TEST_ONE": 5 }""");
        Assert.Equal(1, calls);
    }

    [Fact]
    public async Task Disposing_waits_for_the_call_that_runs_and_lets_none_follow()
    {
        using var values = new ValuesOf(_one);
        using var entered = new SemaphoreSlim(0);
        using var leave = new SemaphoreSlim(0);
        bool isOver = false;
        int calls = 0;
        IDisposable subscription = values.Source.Subscribe(_one, value =>
        {
            Assert.False(isOver);
            calls++;
            if (value == 1) return;
            entered.Release();
            leave.Wait();
        });
        var update = Task.Run(() => values.Apply("""{ "TEST_ONE": 5 }"""));
        await entered.WaitAsync();
        var disposal = Task.Run(subscription.Dispose);
        Assert.False(disposal.IsCompleted);
        leave.Release();
        await disposal;
        isOver = true;
        await update;
        values.Apply("""{ "TEST_ONE": 6 }""");
        Assert.Equal(2, calls);
    }

    [Fact]
    public void A_subscriber_may_leave_from_within_its_call()
    {
        using var values = new ValuesOf(_one);
        IDisposable? subscription = null;
        int calls = 0;
        subscription = values.Source.Subscribe(_one, _ =>
        {
            calls++;
            subscription?.Dispose();
        });
        values.Apply("""{ "TEST_ONE": 5 }""");
        values.Apply("""{ "TEST_ONE": 6 }""");
        Assert.Equal(2, calls);
    }

    [Fact]
    public void Reading_allocates_nothing()
    {
        using var values = new ValuesOf(_one, _names);
        values.Apply("""{ "TEST_ONE": 5 }""");
        DynamicConfigSource source = values.Source;
        long sum = source.Get(_one) + source.Get(_names).Count;
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 10_000; i++) sum += source.Get(_one) + source.Get(_names).Count;
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(10_001 * 6, sum);
    }

    [Fact]
    public async Task Readers_never_see_half_of_an_update()
    {
        using var values = new ValuesOf(_one, _two);
        using var stop = new CancellationTokenSource();
        values.Apply("""{ "TEST_ONE": 0, "TEST_TWO": 0 }""");
        int told = 0;
        using IDisposable subscription = values.Source.Subscribe((old, now) =>
        {
            Assert.Equal(now.Get(_one), now.Get(_two));
            Assert.True(old is null || now.Get(_one) == old.Get(_one) + 1);
            told++;
        });
        Task[] readers = [.. Enumerable.Range(0, 3).Select(_ => Task.Run(() =>
        {
            int last = 0;
            while (!stop.IsCancellationRequested)
            {
                DynamicConfigSnapshot now = values.Source.Current;
                Assert.Equal(now.Get(_one), now.Get(_two));
                Assert.True(now.Get(_one) >= last);
                last = now.Get(_one);
            }
        }))];
        for (int i = 1; i <= 10_000; i++) Assert.Null(values.Apply($$"""{ "TEST_ONE": {{i}}, "TEST_TWO": {{i}} }"""));
        await stop.CancelAsync();
        await Task.WhenAll(readers);
        Assert.Equal(10_001, told);
        Assert.Empty(values.Log.At(LogLevel.Error));
    }
}
