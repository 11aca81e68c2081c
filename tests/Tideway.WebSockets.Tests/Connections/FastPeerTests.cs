using Microsoft.Extensions.Time.Testing;
using Tideway.WebSockets.Connections;
using Tideway.WebSockets.Framing;

namespace Tideway.WebSockets.Tests.Connections;

/// <summary>A peer that takes a long message as fast as it is written, and gets no ping meanwhile.</summary>
public sealed class FastPeerTests
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task It_is_alive_though_no_write_ever_waits()
    {
        await using var stream = new SteppedStream();
        var options = new WebSocketConnectionOptions
        {
            TimeProvider = _time,
            FragmentSize = 0,
            PingInterval = TimeSpan.FromSeconds(10),
            PingTimeout = TimeSpan.FromSeconds(5),
        };
        await using WebSocketConnection connection =
            WebSocketConnection.Create(stream, WebSocketRole.Server, options);
        await ContextAsync(connection);
        Task sent = Task.Run(() => connection.SendBinaryAsync(new byte[100 << 20]).AsTask());
        for (int i = 0; i < 10; i++)
        {
            await stream.StepAsync();
            _time.Advance(TimeSpan.FromSeconds(9));
            await ContextAsync(connection);
            await ContextAsync(connection);
            Assert.Null(connection.CloseReason);
        }

        Assert.False(sent.IsCompleted);
        connection.Abort();
        stream.Finish();
        await Assert.ThrowsAsync<ConnectionClosedException>(() => sent.WaitAsync(_patience));
    }

    private static Task ContextAsync(WebSocketConnection connection) =>
        connection.Channel.RunAsync(static _ => { }, 0).WaitAsync(_patience);

    /// <summary>Takes one piece a step: never asynchronously, and only when it is told to.</summary>
    private sealed class SteppedStream : Stream
    {
        private readonly SemaphoreSlim _steps = new(0);
        private readonly SemaphoreSlim _taken = new(0);
        private volatile bool _finished;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        /// <summary>Has a write taken, and waits until the next began or this one did.</summary>
        public async Task StepAsync()
        {
            _steps.Release();
            Assert.True(await _taken.WaitAsync(_patience));
        }

        public void Finish()
        {
            _finished = true;
            _steps.Release();
        }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (_finished) return ValueTask.FromException(new IOException("it is over"));
            _taken.Release();
            _steps.Wait(_patience, CancellationToken.None);
            return ValueTask.CompletedTask;
        }

        public override async ValueTask<int> ReadAsync(
            Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
            return 0;
        }

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
