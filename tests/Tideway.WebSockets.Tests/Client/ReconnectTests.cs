using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using Tideway.WebSockets.Client;
using Tideway.WebSockets.Connections;
using Tideway.WebSockets.Engine;
using Tideway.WebSockets.Framing;
using Tideway.WebSockets.Tests.Connections;

namespace Tideway.WebSockets.Tests.Client;

/// <summary>The client that connects again, under a clock that is moved by hand.</summary>
public sealed class ReconnectTests : IDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(20);
    private readonly FakeTimeProvider _time = new();
    private readonly EventLoopGroup _loops;
    private readonly ScriptedServer _server = new();
    private readonly CancellationTokenSource _cancel = new();
    private readonly ConcurrentQueue<(Reconnecting Notice, DateTimeOffset At)> _notices = new();
    private readonly ConcurrentQueue<string> _received = new();

    public ReconnectTests() => _loops = new EventLoopGroup("reconnect-test", 1, null, _time);

    [Fact]
    public async Task A_session_runs_for_each_connection_until_it_returns_by_itself()
    {
        Task running = RunAsync(ReceiveUntilDoneAsync);
        await AcceptAsync(running, Text("first"));
        await CloseAsync(1001);
        await AcceptAsync(running, Text("second"));
        _server.EndClient();
        await AcceptAsync(running, Text("done"));
        Assert.Equal(1000, await ReadCloseAsync());
        await running.WaitAsync(_patience);

        Assert.Equal(["first", "second", "done"], _received);
        Assert.Equal(
            [CloseCode.GoingAway, CloseCode.AbnormalClosure],
            _notices.Select(notice => ((ConnectionClosedException)notice.Notice.Cause).Reason.Code));
    }

    [Fact]
    public async Task The_waits_grow_from_the_first_to_the_largest_and_are_kept()
    {
        Task running = RunAsync(ReceiveUntilDoneAsync, new()
        {
            FirstDelay = TimeSpan.FromSeconds(1),
            MaxDelay = TimeSpan.FromSeconds(10),
            Reconnecting = Note,
        });
        DateTimeOffset earliest = default;
        for (int failures = 1; failures <= 6; failures++)
        {
            await RefuseAsync(running, "503 Service Unavailable");
            Assert.True(_time.GetUtcNow() >= earliest, "The client came too early.");
            (Reconnecting notice, DateTimeOffset at) = await NoticeAsync();
            Assert.Equal(failures, notice.Failures);
            Assert.Equal(503, ((ConnectionFailedException)notice.Cause).StatusCode);
            Assert.InRange(notice.Delay.TotalSeconds, 1, Math.Min(10, 1 << failures));
            earliest = at + notice.Delay;
        }

        await _cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running.WaitAsync(_patience));
    }

    [Fact]
    public async Task A_connection_that_lasted_lets_the_waits_begin_anew()
    {
        Task running = RunAsync(ReceiveUntilDoneAsync, new()
        {
            StableAfter = TimeSpan.FromSeconds(60),
            Reconnecting = Note,
        });
        foreach ((double lasts, int failures) in new[] { (0.0, 1), (59.0, 2), (61.0, 1) })
        {
            await AcceptAsync(running, Text("hello"));
            await UntilAsync(() => _received.TryDequeue(out _));
            _time.Advance(TimeSpan.FromSeconds(lasts));
            await CloseAsync(1012);
            Assert.Equal(failures, (await NoticeAsync()).Notice.Failures);
        }

        await EndAsync(running);
    }

    [Theory]
    [InlineData("401 Unauthorized", true)]
    [InlineData("403 Forbidden", true)]
    [InlineData("404 Not Found", true)]
    [InlineData("302 Found", true)]
    [InlineData("200 OK", true)]
    [InlineData("408 Request Timeout", false)]
    [InlineData("425 Too Early", false)]
    [InlineData("429 Too Many Requests", false)]
    [InlineData("502 Bad Gateway", false)]
    public async Task A_refusal_that_another_try_would_not_change_is_final(string status, bool isFinal)
    {
        Task running = RunAsync(ReceiveUntilDoneAsync);
        await RefuseAsync(running, status);
        if (isFinal)
        {
            var failure = await Assert.ThrowsAsync<ConnectionFailedException>(() => running.WaitAsync(_patience));
            Assert.Contains(status, failure.Message, StringComparison.Ordinal);
            Assert.Empty(_notices);
        }
        else
        {
            await NoticeAsync();
            await EndAsync(running);
        }
    }

    [Theory]
    [InlineData(1002)]
    [InlineData(1003)]
    [InlineData(1007)]
    [InlineData(1008)]
    [InlineData(1009)]
    [InlineData(1010)]
    public async Task A_close_that_says_that_something_is_wrong_is_final(int code)
    {
        Task running = RunAsync(ReceiveUntilDoneAsync);
        await AcceptAsync(running);
        await CloseAsync(code);
        var failure = await Assert.ThrowsAsync<ConnectionClosedException>(() => running.WaitAsync(_patience));
        Assert.Equal(code, (int)failure.Reason.Code);
        Assert.Empty(_notices);
    }

    [Theory]
    [InlineData(1001)]
    [InlineData(1005)]
    [InlineData(1011)]
    [InlineData(1013)]
    [InlineData(4000)]
    public async Task Another_close_is_not_final(int code)
    {
        Task running = RunAsync(ReceiveUntilDoneAsync);
        await AcceptAsync(running);
        await CloseAsync(code);
        Assert.Equal(code, (int)((ConnectionClosedException)(await NoticeAsync()).Notice.Cause).Reason.Code);
        await EndAsync(running);
    }

    [Fact]
    public async Task A_server_that_says_1000_has_nothing_more_to_say()
    {
        Task running = RunAsync(ReceiveUntilDoneAsync);
        await AcceptAsync(running);
        await CloseAsync(1000);
        await running.WaitAsync(_patience);
        Assert.Empty(_notices);
    }

    [Fact]
    public async Task A_session_that_closes_with_a_code_of_its_own_ends_it()
    {
        Task running = RunAsync(connection => connection.CloseAsync((CloseCode)4321, "enough"));
        await AcceptAsync(running);
        Assert.Equal(4321, await ReadCloseAsync());
        await running.WaitAsync(_patience);
    }

    [Fact]
    public async Task What_a_session_throws_ends_it_and_closes_with_1011()
    {
        Task running = RunAsync(_ => throw new InvalidOperationException("bug"));
        await AcceptAsync(running);
        Assert.Equal(1011, await ReadCloseAsync());
        var bug = await Assert.ThrowsAsync<InvalidOperationException>(() => running.WaitAsync(_patience));
        Assert.Equal("bug", bug.Message);
    }

    [Theory]
    [InlineData(5, 5)]
    [InlineData(500, 10)]
    public async Task What_a_refusal_asks_for_is_waited_up_to_the_largest_wait(int asked, double waited)
    {
        Task running = RunAsync(ReceiveUntilDoneAsync, new()
        {
            MaxDelay = TimeSpan.FromSeconds(10),
            Reconnecting = Note,
        });
        await RefuseAsync(running, $"503 Busy\r\nRetry-After: {asked}");
        Assert.Equal(waited, (await NoticeAsync()).Notice.Delay.TotalSeconds);
        await _cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running.WaitAsync(_patience));
    }

    [Fact]
    public async Task The_last_of_the_failures_that_are_allowed_is_thrown()
    {
        Task running = RunAsync(ReceiveUntilDoneAsync, new() { MaxFailures = 2, Reconnecting = Note });
        await RefuseAsync(running, "503 Once");
        await RefuseAsync(running, "503 Twice");
        var failure = await Assert.ThrowsAsync<ConnectionFailedException>(() => running.WaitAsync(_patience));
        Assert.Contains("503 Twice", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_application_may_decide_what_is_final()
    {
        Task running = RunAsync(ReceiveUntilDoneAsync, new()
        {
            IsFinal = end => end is ConnectionClosedException { Reason.Code: (CloseCode)4001 },
            Reconnecting = Note,
        });
        await RefuseAsync(running, "401 Unauthorized");
        await AcceptAsync(running);
        await CloseAsync(4001);
        await Assert.ThrowsAsync<ConnectionClosedException>(() => running.WaitAsync(_patience));
    }

    [Fact]
    public async Task A_cancellation_closes_the_connection_with_1001()
    {
        Task running = RunAsync(ReceiveUntilDoneAsync);
        await AcceptAsync(running, Text("hello"));
        await UntilAsync(() => !_received.IsEmpty);
        await _cancel.CancelAsync();
        Assert.Equal(1001, await ReadCloseAsync());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running.WaitAsync(_patience));
        Assert.Empty(_notices);
    }

    [Fact]
    public void Waits_that_make_no_sense_are_misuse()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new ReconnectOptions { FirstDelay = TimeSpan.Zero });
        Assert.Throws<ArgumentOutOfRangeException>(() => new ReconnectOptions { MaxDelay = TimeSpan.FromDays(2) });
        Assert.Throws<ArgumentOutOfRangeException>(
            () => { _ = RunAsync(ReceiveUntilDoneAsync, new() { FirstDelay = TimeSpan.FromHours(1) }); });
    }

    public void Dispose()
    {
        _server.Dispose();
        _loops.Dispose();
        _cancel.Dispose();
    }

    private static string Text(string text) =>
        Encoding.Latin1.GetString(RawPeer.Frame(Opcode.Text, Encoding.ASCII.GetBytes(text), masked: false));

    private static Task UntilAsync(Func<bool> condition) => Engine.LoopExtensions.UntilAsync(condition);

    private Task RunAsync(Func<WebSocketConnection, Task> session, ReconnectOptions? reconnect = null)
    {
        var options = new WebSocketClientOptions
        {
            Loops = _loops,
            ConnectTimeout = TimeSpan.FromHours(1),
            Connection = new() { PingInterval = TimeSpan.Zero, CloseTimeout = TimeSpan.FromHours(1) },
        };
        return WebSocketClient.RunAsync(
            _server.Uri, session, options, reconnect ?? new() { Reconnecting = Note }, _cancel.Token);
    }

    private void Note(Reconnecting notice) => _notices.Enqueue((notice, _time.GetUtcNow()));

    private async Task<(Reconnecting Notice, DateTimeOffset At)> NoticeAsync()
    {
        (Reconnecting Notice, DateTimeOffset At) notice = default;
        await UntilAsync(() => _notices.TryDequeue(out notice));
        return notice;
    }

    private async Task ReceiveUntilDoneAsync(WebSocketConnection connection)
    {
        while (await connection.ReceiveAsync() is { IsClose: false } message)
        {
            _received.Enqueue(message.ToString());
            if (message.ToString() == "done") return;
        }
    }

    /// <summary>Moves the clock until the client has come, and answers its key.</summary>
    private async Task<string> WaitForRequestAsync(Task running)
    {
        Task<(string Head, string Key)> request = _server.ReadRequestAsync();
        while (await Task.WhenAny(request, running, Task.Delay(1)) is { } first && first != request)
        {
            if (first == running) await running;
            _time.Advance(TimeSpan.FromMilliseconds(50));
        }

        return (await request).Key;
    }

    private async Task AcceptAsync(Task running, string frames = "") =>
        await _server.SendAsync(ScriptedServer.Acceptance(await WaitForRequestAsync(running)) + frames);

    private async Task RefuseAsync(Task running, string statusAndHeaders)
    {
        await WaitForRequestAsync(running);
        await _server.SendAsync($"HTTP/1.1 {statusAndHeaders}\r\nContent-Length: 0\r\n\r\n");
    }

    /// <summary>Closes from the server, with 1005 for no code.</summary>
    private async Task CloseAsync(int code)
    {
        byte[] payload = code == 1005 ? [] : [(byte)(code >> 8), (byte)code];
        await _server.SendAsync(Encoding.Latin1.GetString(RawPeer.Frame(Opcode.Close, payload, masked: false)));
        _server.Client.Shutdown(System.Net.Sockets.SocketShutdown.Send);
        await _server.WaitForEndAsync();
    }

    /// <summary>Reads the client's close, and answers it.</summary>
    private async Task<int> ReadCloseAsync()
    {
        byte[] frame = new byte[8];
        await _server.Stream.ReadExactlyAsync(frame).AsTask().WaitAsync(_patience);
        Assert.Equal(0x88, frame[0]);
        Masking.ApplyScalar(frame.AsSpan(6), BinaryPrimitives.ReadUInt32LittleEndian(frame.AsSpan(2)));
        int code = BinaryPrimitives.ReadUInt16BigEndian(frame.AsSpan(6));
        await CloseAsync(code);
        return code;
    }

    private async Task EndAsync(Task running)
    {
        await AcceptAsync(running, Text("done"));
        await ReadCloseAsync();
        await running.WaitAsync(_patience);
    }
}
