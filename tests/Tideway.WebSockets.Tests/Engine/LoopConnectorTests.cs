using System.Net;
using System.Net.Sockets;
using Tideway.WebSockets.Engine;

namespace Tideway.WebSockets.Tests.Engine;

public sealed class LoopConnectorTests : IDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(20);
    private readonly EventLoopGroup _loops = new("connect-test", 1);

    private EventLoop Loop => _loops.Loops[0];

    [Fact]
    public async Task A_connected_socket_is_on_the_loop_and_knows_both_ends()
    {
        using Socket listener = Listen(new IPEndPoint(IPAddress.Loopback, 0));
        EndPoint local = new IPEndPoint(IPAddress.Parse("127.0.0.7"), 0);
        await OnLoopAsync(async () =>
        {
            LoopSocket socket = await LoopConnector.ConnectAsync(Loop, listener.LocalEndPoint!, local, _patience);
            Assert.True(Loop.IsCurrent);
            Assert.Equal(listener.LocalEndPoint, socket.RemoteEndPoint);
            Assert.Equal("127.0.0.7", ((IPEndPoint)socket.LocalEndPoint!).Address.ToString());
            socket.Close();
        });
        Assert.Equal(0, _loops.OpenSockets);
    }

    [Fact]
    public async Task It_connects_over_IPv6()
    {
        Assert.SkipUnless(Socket.OSSupportsIPv6, "This system has no IPv6.");
        using Socket listener = Listen(new IPEndPoint(IPAddress.IPv6Loopback, 0));
        await OnLoopAsync(async () =>
            (await LoopConnector.ConnectAsync(
                Loop, listener.LocalEndPoint!, new IPEndPoint(IPAddress.IPv6Loopback, 0), _patience)).Close());
    }

    [Fact]
    public async Task It_connects_to_a_unix_socket_and_says_when_there_is_none()
    {
        string path = Path.Combine(Path.GetTempPath(), $"tideway-{Guid.NewGuid():N}");
        var endPoint = new UnixDomainSocketEndPoint(path);
        SocketException missing = await FailAsync(endPoint);
        Assert.Equal($"Cannot connect to {path}: No such file or directory.", missing.Message);
        using (Socket listener = Listen(endPoint))
            await OnLoopAsync(async () => (await LoopConnector.ConnectAsync(Loop, endPoint, null, _patience)).Close());
        File.Delete(path);
    }

    [Fact]
    public async Task A_refusal_says_which_address_and_why()
    {
        EndPoint free;
        using (Socket listener = Listen(new IPEndPoint(IPAddress.Loopback, 0))) free = listener.LocalEndPoint!;
        SocketException refused = await FailAsync(free);
        Assert.Equal(SocketError.ConnectionRefused, refused.SocketErrorCode);
        Assert.Equal($"Cannot connect to {free}: Connection refused.", refused.Message);
    }

    [Fact]
    public async Task An_address_that_is_not_ours_cannot_be_connected_from()
    {
        using Socket listener = Listen(new IPEndPoint(IPAddress.Loopback, 0));
        SocketException failure =
            await FailAsync(listener.LocalEndPoint!, new IPEndPoint(IPAddress.Parse("192.0.2.1"), 0));
        Assert.Equal(SocketError.AddressNotAvailable, failure.SocketErrorCode);
        Assert.Contains("(from 192.0.2.1:0)", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Failures_leave_no_descriptor_behind()
    {
        EndPoint free;
        using (Socket listener = Listen(new IPEndPoint(IPAddress.Loopback, 0))) free = listener.LocalEndPoint!;
        var foreign = new IPEndPoint(IPAddress.Parse("192.0.2.1"), 0);
        for (int i = 0; i < 1000; i++)
        {
            await FailAsync(free);
            await FailAsync(free, foreign);
        }

        // The system gives the lowest number that is free.
        using var next = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        Assert.InRange(next.Handle, 0, 1000);
    }

    [Fact]
    public async Task A_peer_that_does_not_answer_is_given_up_after_the_time_out()
    {
        using var full = new FullListener();
        SocketException failure = await FailAsync(full.EndPoint, timeout: TimeSpan.FromMilliseconds(50));
        Assert.Equal(SocketError.TimedOut, failure.SocketErrorCode);
        Assert.Equal($"Cannot connect to {full.EndPoint}: no answer within 0.05 s.", failure.Message);
    }

    [Fact]
    public async Task A_cancellation_ends_the_wait_for_the_peer()
    {
        using var full = new FullListener();
        using var cancel = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => OnLoopAsync(async () =>
        {
            Task<LoopSocket> connecting =
                LoopConnector.ConnectAsync(Loop, full.EndPoint, null, _patience, cancel.Token);
            await cancel.CancelAsync();
            await connecting;
        }));
        Assert.Equal(0, _loops.OpenSockets);
    }

    [Fact]
    public async Task The_end_of_the_loop_ends_the_wait_for_the_peer()
    {
        using var full = new FullListener();
        Task<LoopSocket>? connecting = null;
        await OnLoopAsync(() =>
        {
            connecting = LoopConnector.ConnectAsync(Loop, full.EndPoint, null, _patience);
            return Task.CompletedTask;
        });
        _loops.Dispose();
        var failure = await Assert.ThrowsAsync<SocketException>(() => connecting!.WaitAsync(_patience));
        Assert.Equal(SocketError.OperationAborted, failure.SocketErrorCode);
    }

    [Fact]
    public void A_connect_from_another_thread_is_misuse() =>
        Assert.Throws<InvalidOperationException>(
            () => { _ = LoopConnector.ConnectAsync(Loop, new IPEndPoint(IPAddress.Loopback, 1), null, _patience); });

    public void Dispose() => _loops.Dispose();

    private static Socket Listen(EndPoint endPoint)
    {
        var listener = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(endPoint);
        listener.Listen();
        return listener;
    }

    private async Task<SocketException> FailAsync(EndPoint remote, EndPoint? local = null, TimeSpan? timeout = null)
    {
        SocketException failure = await Assert.ThrowsAsync<SocketException>(() => OnLoopAsync(
            async () => await LoopConnector.ConnectAsync(Loop, remote, local, timeout ?? _patience)));
        Assert.Equal(0, _loops.OpenSockets);
        return failure;
    }

    private Task OnLoopAsync(Func<Task> action)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Loop.Post(
            async _ =>
            {
                try
                {
                    await action();
                    done.SetResult();
                }
                catch (Exception exception)
                {
                    done.SetException(exception);
                }
            },
            null);
        return done.Task.WaitAsync(_patience);
    }
}
