using System.Text;
using Microsoft.Extensions.Time.Testing;
using Tideway.WebSockets.Engine;

namespace Tideway.WebSockets.Tests.Engine;

/// <summary>The thread of a loop: what is posted to it, what comes back to it, and how it ends.</summary>
public sealed class EventLoopTests : IDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);
    private readonly EventLoopGroup _loops = new("looptest", 1);

    private EventLoop Loop => _loops.Loops[0];

    [Fact]
    public async Task No_post_of_many_threads_is_lost_and_each_thread_keeps_its_order()
    {
        const int Threads = 4, Each = 100_000;
        int[] next = new int[Threads];
        int wrong = 0;
        int left = Threads * Each;
        var done = new TaskCompletionSource();
        void Post(int thread, int number) => Loop.Post(
            _ =>
            {
                if (next[thread]++ != number) wrong++;
                if (--left == 0) done.SetResult();
            },
            null);
        RunThreads(Threads, thread =>
        {
            for (int i = 0; i < Each; i++) Post(thread, i);
        });
        await done.Task.WaitAsync(_patience);
        Assert.Equal(0, wrong);
        Assert.All(next, count => Assert.Equal(Each, count));
    }

    [Fact]
    public void A_loop_that_falls_asleep_is_woken_by_every_post()
    {
        // Each thread waits until its post has run, so the loop is on its way to sleep most of the time.
        RunThreads(4, _ =>
        {
            using var ran = new SemaphoreSlim(0);
            for (int i = 0; i < 10_000; i++)
            {
                Loop.Post(static ran => ((SemaphoreSlim)ran!).Release(), ran);
                if (!ran.Wait(_patience)) throw new TimeoutException("A post was lost.");
            }
        });
    }

    [Fact]
    public async Task What_is_posted_from_inside_runs_later_in_order_and_without_another_wake_up()
    {
        var order = new List<int>();
        var done = new TaskCompletionSource();
        Loop.Post(
            _ =>
            {
                Loop.Post(_ => order.Add(2), null);
                Loop.Post(_ => Loop.Post(_ => done.SetResult(), null), null);
                Loop.Post(_ => order.Add(3), null);
                order.Add(1);
            },
            null);
        await done.Task.WaitAsync(_patience);
        Assert.Equal([1, 2, 3], order);
    }

    [Fact]
    public async Task Send_runs_at_once_on_the_loop_and_waits_elsewhere()
    {
        int ran = 0;
        Loop.Context.Send(_ => ran = Environment.CurrentManagedThreadId, null);
        Assert.Equal(await Loop.RunAsync(() => Environment.CurrentManagedThreadId), ran);
        Assert.True(await Loop.RunAsync(() =>
        {
            bool inside = false;
            Loop.Context.Send(_ => inside = true, null);
            return inside;
        }));
        Assert.Throws<InvalidDataException>(
            () => Loop.Context.Send(_ => throw new InvalidDataException("thrown inside"), null));
    }

    [Fact]
    public async Task Awaits_come_back_to_the_loop()
    {
        var done = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        int before = 0;
        async void Run()
        {
            before = Environment.CurrentManagedThreadId;
            await Task.Run(static () => { });
            await Task.Yield();
            await Task.Delay(1);
            done.SetResult(Loop.IsCurrent && EventLoop.Current == Loop ? Environment.CurrentManagedThreadId : -1);
        }

        Loop.Post(_ => Run(), null);
        Assert.Equal(await done.Task.WaitAsync(_patience), before);
        Assert.Null(EventLoop.Current);
    }

    [Fact]
    public async Task An_async_void_that_throws_ends_the_process_as_anywhere_else()
    {
        (int exitCode, string output) = await ChildProcess.RunAsync(ThrowOnLoopAsync);
        Assert.NotEqual(0, exitCode);
        Assert.Contains("Unhandled exception. System.IO.InvalidDataException: thrown on a loop", output);
    }

    [Fact]
    public async Task After_the_end_posts_run_on_the_pool_and_no_await_is_left_hanging()
    {
        var begun = new TaskCompletionSource();
        var goOn = new TaskCompletionSource();
        var ended = new TaskCompletionSource<bool>();
        async void Run()
        {
            begun.SetResult();
            await goOn.Task;
            ended.SetResult(Thread.CurrentThread.IsThreadPoolThread);
        }

        Loop.Post(_ => Run(), null);
        await begun.Task.WaitAsync(_patience);
        _loops.Dispose();
        goOn.SetResult();
        Assert.True(await ended.Task.WaitAsync(_patience));
        Assert.True(await Loop.RunAsync(() => Thread.CurrentThread.IsThreadPoolThread && !Loop.IsCurrent));
    }

    [Fact]
    public async Task Posts_that_race_with_the_end_run_once_each()
    {
        const int Threads = 2, Each = 500;
        for (int round = 0; round < 50; round++)
        {
            using var loops = new EventLoopGroup("ending", 1);
            int ran = 0;
            Task posting = Task.Run(() => RunThreads(Threads, _ =>
            {
                for (int i = 0; i < Each; i++) loops.Loops[0].Post(_ => Interlocked.Increment(ref ran), null);
            }));
            loops.Dispose();
            await posting;
            await LoopExtensions.UntilAsync(() => Volatile.Read(ref ran) >= Threads * Each);
            Assert.Equal(Threads * Each, ran);
        }
    }

    [Fact]
    public async Task A_loop_ends_although_something_on_it_yields_without_end()
    {
        var begun = new TaskCompletionSource();
        using var stop = new CancellationTokenSource();
        async void Run()
        {
            begun.SetResult();
            while (!stop.IsCancellationRequested) await Task.Yield();
        }

        Loop.Post(_ => Run(), null);
        await begun.Task.WaitAsync(_patience);
        await Task.Run(_loops.Dispose).WaitAsync(_patience);
        await stop.CancelAsync();
    }

    [Fact]
    public async Task A_loop_that_ends_aborts_its_sockets_and_outlives_an_owner_that_throws_then()
    {
        await using SocketPair broken = await SocketPair.ConnectAsync(_loops);
        await using SocketPair sound = await SocketPair.ConnectAsync(_loops);
        string? reason = null;
        broken.Owner.Aborted = _ => throw new InvalidDataException("thrown at the end");
        sound.Owner.Aborted = text => reason = text;
        _loops.Dispose();
        Assert.Equal("the event loop ends", reason);
        Assert.True(broken.Socket.IsClosed && sound.Socket.IsClosed);
        Assert.Equal(0, _loops.OpenSockets);
    }

    [Fact]
    public void The_system_sees_the_names_of_the_threads()
    {
        using var loops = new EventLoopGroup("fs-task-processor", 2, "fs-worker");
        Assert.Superset(new HashSet<string> { "fs-worker_0", "fs-worker_1" }, ThreadNames.Read().ToHashSet());
    }

    [Fact]
    public void Threads_with_a_long_name_keep_their_numbers()
    {
        using var loops = new EventLoopGroup("long", 2, "market-data-worker");
        Assert.Superset(new HashSet<string> { "market-data-w_0", "market-data-w_1" }, ThreadNames.Read().ToHashSet());
    }

    [Theory]
    [InlineData("when it is ready")]
    [InlineData("when its time is over")]
    [InlineData("when its turn ends")]
    [InlineData("when it is asked to end")]
    [InlineData("when it is ready, and again when it is aborted")]
    public async Task An_owner_that_throws_loses_its_socket_and_nothing_else(string when)
    {
        await using SocketPair sound = await SocketPair.ConnectAsync(_loops, SocketEvents.Readable);
        await using SocketPair broken = await SocketPair.ConnectAsync(_loops, SocketEvents.Readable);
        sound.Owner.Ready = _ => Echo(sound.Socket);
        var failures = new List<(LoopSocket Socket, string Message)>();
        _loops.OwnerFailed += (socket, exception) =>
        {
            failures.Add((socket, exception.Message));
            throw new InvalidDataException("the report fails, too");
        };
        string? aborted = null;
        broken.Owner.Aborted = reason =>
        {
            aborted = reason;
            if (when.EndsWith("aborted", StringComparison.Ordinal)) throw new InvalidDataException("again");
        };
        Action failing = () => throw new InvalidDataException("broken");
        broken.Owner.Timer = broken.Owner.TurnEnded = broken.Owner.Stopping = failing;
        broken.Owner.Ready = _ =>
        {
            if (when == "when its turn ends") broken.Socket.Gather();
            else failing();
        };
        if (when == "when its time is over") await broken.RunAsync(() => broken.Socket.SetTimer(TimeSpan.Zero));
        else if (when == "when it is asked to end") _ = broken.Listener.EndConnectionsAsync(CancellationToken.None);
        else await broken.Peer.SendAsync("x"u8.ToArray());

        Assert.NotEqual(System.Net.Sockets.SocketError.Success, await SocketPair.ReadEndAsync(broken.Peer));
        await sound.Peer.SendAsync("still here"u8.ToArray());
        Assert.Equal("still here", Encoding.ASCII.GetString(await sound.ReadAsync(10)));
        Assert.Equal("broken", aborted);
        Assert.Equal((broken.Socket, "broken"), failures[0]);
    }

    [Theory]
    [InlineData(5.2, 0)]
    [InlineData(3, 2.2)]
    public async Task A_clock_moved_by_hand_leaves_no_timer_behind(double whileBusy, double afterwards)
    {
        var time = new FakeTimeProvider();
        using var loops = new EventLoopGroup("fake-clock", 1, timeProvider: time);
        await using SocketPair pair = await SocketPair.ConnectAsync(loops);
        var fired = new TaskCompletionSource();
        pair.Owner.Timer = fired.SetResult;
        await pair.RunAsync(() =>
        {
            pair.Socket.SetTimer(TimeSpan.FromSeconds(5));
            time.Advance(TimeSpan.FromSeconds(whileBusy));
        });
        time.Advance(TimeSpan.FromSeconds(afterwards));
        await fired.Task.WaitAsync(_patience);
    }

    [Fact]
    public async Task A_timer_set_at_the_end_of_a_long_turn_is_not_early()
    {
        var time = new FakeTimeProvider();
        using var loops = new EventLoopGroup("fake-clock", 1, timeProvider: time);
        await using SocketPair pair = await SocketPair.ConnectAsync(loops);
        var fired = new TaskCompletionSource();
        pair.Owner.Timer = fired.SetResult;
        await pair.RunAsync(() =>
        {
            time.Advance(TimeSpan.FromSeconds(10));
            pair.Socket.SetTimer(TimeSpan.FromSeconds(5));
        });
        await pair.RunAsync(() => { }); // A turn later.
        Assert.False(fired.Task.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(6));
        await fired.Task.WaitAsync(_patience);
    }

    [Fact]
    public async Task A_timer_that_is_cleared_or_whose_socket_is_closed_is_silent()
    {
        var time = new FakeTimeProvider();
        using var loops = new EventLoopGroup("fake-clock", 1, timeProvider: time);
        await using SocketPair cleared = await SocketPair.ConnectAsync(loops);
        await using SocketPair closed = await SocketPair.ConnectAsync(loops);
        await using SocketPair last = await SocketPair.ConnectAsync(loops);
        var fired = new TaskCompletionSource();
        cleared.Owner.Timer = closed.Owner.Timer = () => throw new InvalidOperationException("a dead timer fired");
        last.Owner.Timer = fired.SetResult;
        var failures = new List<Exception>();
        loops.OwnerFailed += (_, exception) => failures.Add(exception);
        await cleared.RunAsync(() =>
        {
            cleared.Socket.SetTimer(TimeSpan.FromSeconds(1));
            closed.Socket.SetTimer(TimeSpan.FromSeconds(1));
            last.Socket.SetTimer(TimeSpan.FromSeconds(2));
            cleared.Socket.ClearTimer();
            closed.Socket.Close();
        });
        time.Advance(TimeSpan.FromSeconds(3));
        await fired.Task.WaitAsync(_patience);
        Assert.Empty(failures);
    }

    public void Dispose() => _loops.Dispose();

    private static async Task ThrowOnLoopAsync()
    {
        static async void Throw()
        {
            await Task.Yield();
            throw new InvalidDataException("thrown on a loop");
        }

        using var loops = new EventLoopGroup("child", 1);
        loops.Loops[0].Post(static _ => Throw(), null);
        await Task.Delay(_patience);
    }

    private static void Echo(LoopSocket socket)
    {
        byte[] buffer = new byte[100];
        int received = socket.Receive(buffer);
        if (received > 0) socket.Send(buffer.AsSpan(0, received));
    }

    private static void RunThreads(int count, Action<int> body)
    {
        Exception? failure = null;
        Thread[] threads = [.. Enumerable.Range(0, count).Select(number => new Thread(() =>
        {
            try
            {
                body(number);
            }
            catch (Exception exception)
            {
                failure = exception;
            }
        }))];
        foreach (Thread thread in threads) thread.Start();
        foreach (Thread thread in threads) thread.Join();
        Assert.Null(failure);
    }
}
