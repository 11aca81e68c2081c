using System.Collections.Concurrent;
using Tideway.WebSockets.Connections;
using Tideway.WebSockets.Engine;
using Tideway.WebSockets.Framing;
using Tideway.WebSockets.Tests.Connections;

namespace Tideway.WebSockets.Tests.Engine;

/// <summary>A loop that is kept by one thing is reported, once, with a name that leads to it.</summary>
public sealed class BlockedLoopTests : IDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);
    private readonly EventLoopGroup _loops = new("blocktest", 6);
    private readonly ConcurrentDictionary<EventLoop, BlockedLoop> _reports = new();
    private readonly ManualResetEventSlim _released = new();
    private int _reported;

    [Fact]
    public async Task A_blocked_loop_does_not_keep_its_group_from_ending()
    {
        var loops = new EventLoopGroup("stuck", 1);
        using var entered = new ManualResetEventSlim();
        loops.Loops[0].Post(
            _ =>
            {
                entered.Set();
                _released.Wait();
            },
            null);
        Assert.True(entered.Wait(_patience));
        await Task.Run(loops.Dispose).WaitAsync(_patience);
        _released.Set();
    }

    [Fact]
    public async Task Whatever_keeps_a_loop_is_named()
    {
        _loops.Blocked += blocked =>
        {
            Assert.True(_reports.TryAdd(blocked.Loop, blocked));
            Interlocked.Increment(ref _reported);
            throw new InvalidDataException("who is told may fail");
        };

        // An owner; a handler in the middle, and at its very beginning; what is posted; what an await brings back.
        var expected = new Dictionary<EventLoop, string>();
        await using SocketPair pair = await SocketPair.ConnectAsync(_loops, SocketEvents.Readable);
        pair.Owner.Ready = _ =>
        {
            Block();
            pair.Socket.Watch(SocketEvents.None, SocketEvents.Readable);
        };
        await pair.Peer.SendAsync("x"u8.ToArray());
        expected[pair.Socket.Loop] = typeof(ScriptedOwner).FullName!;

        await using RawPeer middle = await ConnectAsync();
        _ = middle.Connection.RunAsync(async connection =>
        {
            await connection.ReceiveAsync();
            Block();
        });
        await middle.SendTextAsync("x");
        expected[LoopOf(middle.Connection)] =
            $"chat-handler, connection {middle.Connection.Id} of {middle.Connection.RemoteEndPoint}";

        await using RawPeer beginning = await ConnectAsync();
        _ = beginning.Connection.RunAsync(_ =>
        {
            Block();
            return Task.CompletedTask;
        });
        expected[LoopOf(beginning.Connection)] = beginning.Connection.ToString();

        EventLoop[] others = [.. _loops.Loops.Except(expected.Keys)];
        others[0].Post(_ => Block(), null);
        expected[others[0]] = $"{nameof(BlockedLoopTests)}.{nameof(Whatever_keeps_a_loop_is_named)}";
        others[1].Post(async _ => await BlockAfterAwaitAsync(), null);
        expected[others[1]] = $"{nameof(BlockedLoopTests)}.{nameof(BlockAfterAwaitAsync)}";
        Func<Task> blocking = async () =>
        {
            await Task.Yield();
            Block();
        };
        others[2].Post(async _ => await blocking(), null);
        expected[others[2]] = $"{nameof(BlockedLoopTests)}.{nameof(Whatever_keeps_a_loop_is_named)}";

        await LoopExtensions.UntilAsync(() => _reports.Count == expected.Count);
        _released.Set();
        foreach (EventLoop loop in _loops.Loops) await loop.RunAsync(() => { });
        Assert.Equal(
            expected.OrderBy(report => report.Key.Index).Select(report => report.Value),
            _reports.OrderBy(report => report.Key.Index).Select(report => report.Value.What));
        Assert.Equal(expected.Count, _reported);
        Assert.All(_reports.Values, report => Assert.True(report.Time >= TimeSpan.FromSeconds(1)));
    }

    public void Dispose()
    {
        _released.Set();
        _loops.Dispose();
        _released.Dispose();
    }

    private EventLoop LoopOf(WebSocketConnection connection) =>
        _loops.Loops.Single(loop => loop.Context == connection.Channel.Context);

    private Task<RawPeer> ConnectAsync() =>
        RawPeer.ConnectToLoopAsync(_loops, WebSocketRole.Server, new() { Name = "chat-handler" });

    private async Task BlockAfterAwaitAsync()
    {
        await Task.Yield();
        Block();
    }

    private void Block() => _released.Wait(_patience);
}
