using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Microsoft.Win32.SafeHandles;
using Tideway.WebSockets.Engine;

namespace Tideway.WebSockets.Tests.Engine;

/// <summary>What a process does that has no descriptors left. Each test runs in a process of its own.</summary>
public sealed class ExhaustionTests
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);

    [Fact]
    public Task A_listener_without_descriptors_rests_and_goes_on_when_there_are_some() =>
        PassesAsync(ExhaustAcceptAsync);

    [Fact]
    public Task A_group_without_descriptors_fails_to_start_and_leaves_no_thread() => PassesAsync(ExhaustStartAsync);

    private static async Task PassesAsync(Func<Task> child)
    {
        (int exitCode, string output) = await ChildProcess.RunAsync(child, descriptors: 256);
        Assert.True(exitCode == 0, output);
    }

    private static async Task ExhaustAcceptAsync()
    {
        const int Clients = 40;
        using var loops = new EventLoopGroup("exhausted", 1);
        EventLoop loop = loops.Loops[0];
        var accepted = new ConcurrentQueue<LoopSocket>();
        int told = 0;
        LoopListener listener = LoopListener.Start(
            loops,
            new IPEndPoint(IPAddress.Loopback, 0),
            new LoopListenerOptions { OnExhausted = Tell },
            socket =>
            {
                socket.Attach(new ScriptedOwner(), SocketEvents.None);
                accepted.Enqueue(socket);
            });
        using (Socket first = await SocketPair.ConnectAsync(listener.EndPoint))
            await LoopExtensions.UntilAsync(() => accepted.TryDequeue(out LoopSocket? socket) && Close(socket));
        var clients = new Socket[Clients];
        for (int i = 0; i < Clients; i++) clients[i] = new Socket(SocketType.Stream, ProtocolType.Tcp);
        List<SafeFileHandle> held = TakeDescriptors(leave: 16 + 10);
        foreach (Socket client in clients) client.Connect(listener.EndPoint);
        await LoopExtensions.UntilAsync(() => listener.Exhausted > 0);
        int most = accepted.Count;

        // It tries again now and then, and does not spin: the listening socket stays readable all the time.
        long exhausted = listener.Exhausted, wakeUps = loop.Counters.WakeUps;
        await Task.Delay(1000);
        long pauses = listener.Exhausted - exhausted;
        wakeUps = loop.Counters.WakeUps - wakeUps;
        bool allTold = told == listener.Exhausted;

        // Each descriptor that comes free takes the next of those that wait.
        for (int served = 0; served < Clients; served++)
        {
            LoopSocket? next = null;
            await LoopExtensions.UntilAsync(() => accepted.TryDequeue(out next));
            await loop.RunAsync(() => next!.Send("served"u8));
            Close(next!);
        }

        held.ForEach(handle => handle.Dispose());
        Assert.InRange(most, 1, Clients - 1);
        Assert.InRange(pauses, 2, 20);
        Assert.InRange(wakeUps, 2, 40);
        Assert.True(allTold);
        foreach (Socket client in clients) Assert.Equal(6, client.Receive(new byte[6]));
        Assert.Equal(0, listener.Connections);

        // Who is told may fail: then, of all times, many things do.
        void Tell()
        {
            told++;
            throw new FileNotFoundException("no descriptor left to load this");
        }

        static bool Close(LoopSocket socket)
        {
            socket.Loop.RunAsync(() => socket.Close()).Wait(_patience);
            return true;
        }
    }

    private static async Task ExhaustStartAsync()
    {
        // What is needed is loaded before.
        using (var warm = new EventLoopGroup("warm", 1)) await warm.Loops[0].RunAsync(() => { });
        List<SafeFileHandle> held = TakeDescriptors(leave: 7);
        Exception? failure = Record.Exception(() => new EventLoopGroup("leftover", 10));
        held.ForEach(handle => handle.Dispose());
        Assert.NotNull(failure); // The system's, or that of the runtime, which needs descriptors for a thread, too.
        Assert.DoesNotContain(ThreadNames.Read(), name => name.StartsWith("leftover", StringComparison.Ordinal));
        using var works = new EventLoopGroup("again", 1);
        await works.Loops[0].RunAsync(() => { });
    }

    /// <summary>Opens all descriptors that are left but a few.</summary>
    private static List<SafeFileHandle> TakeDescriptors(int leave)
    {
        // The runtime needs descriptors for a new thread, and dies without: those of the pool are started before.
        const int Threads = 4;
        using var all = new Barrier(Threads);
        Task.WaitAll([.. Enumerable.Range(0, Threads).Select(_ => Task.Run(all.SignalAndWait))]);

        var handles = new List<SafeFileHandle>();
        try
        {
            while (true) handles.Add(File.OpenHandle("/dev/null"));
        }
        catch (IOException)
        {
            foreach (SafeFileHandle handle in handles[^leave..]) handle.Dispose();
            return handles;
        }
    }
}
