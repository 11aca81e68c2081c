using System.Buffers;
using Tideway.WebSockets.Engine;

namespace Tideway.WebSockets.Connections;

/// <summary>Carries a connection over a stream: an upgraded HTTP request, TLS, or anything that reads and
/// writes.</summary>
/// <param name="stream">Must send what is written without a flush, and take a read and a write at the same
/// time.</param>
/// <param name="abort">Cuts the transport under the stream; disposes the stream when there is nothing better.</param>
/// <param name="timeProvider">The clock of the time-outs.</param>
internal sealed class StreamChannel(Stream stream, Action abort, TimeProvider timeProvider) : Channel
{
    private const int ReadSize = 16384;

    /// <summary>The most bytes of one write, so that it shows that a slow peer goes on reading.</summary>
    private const int MostWritten = 262144;

    private static readonly SendOrPostCallback _feed = static channel => ((StreamChannel)channel!).Feed();

    private readonly CancellationTokenSource _closed = new();
    private readonly SemaphoreSlim _resumed = new(0, 1);
    private SerialContext _context = null!;
    private WebSocketConnection _connection = null!;
    private Task _reading = Task.CompletedTask;
    private Task _writing = Task.CompletedTask;
    private Task? _completion;
    private byte[] _input = [];
    private int _inputLength;
    private bool _mustPause;
    private bool _paused;
    private ITimer? _timer;
    private bool _writeAtEndOfTurn;

    /// <inheritdoc/>
    public override SynchronizationContext Context => _context;

    /// <inheritdoc/>
    public override long Now => timeProvider.GetMilliseconds();

    /// <inheritdoc/>
    public override Task Completion => _completion ??= CompleteAsync();

    /// <summary>Whether the stream is disposed with the channel.</summary>
    public bool OwnsStream { get; init; }

    /// <summary>Is cancelled when the transport is gone; a read tells it as well, but a pause does not.</summary>
    public CancellationToken Lost { get; init; }

    /// <summary>Takes what was received from the stream before the channel was there. Call it before
    /// <see cref="Start"/>.</summary>
    public void Deliver(ReadOnlySpan<byte> received)
    {
        if (received.IsEmpty) return;
        (_input, _inputLength) = (new byte[Receiver.Headroom + received.Length], received.Length);
        received.CopyTo(_input.AsSpan(Receiver.Headroom));
    }

    /// <inheritdoc/>
    public override void Start(WebSocketConnection connection)
    {
        _connection = connection;
        _context = new SerialContext(RunsOn, EndOfTurn);
        _context.Post(static channel => ((StreamChannel)channel!).StartReading(), this);
    }

    /// <inheritdoc/>
    public override void SetTimer(TimeSpan delay)
    {
        _timer ??= timeProvider.CreateTimer(
            static channel => ((StreamChannel)channel!).Post(
                static channel => ((StreamChannel)channel!)._connection.OnTimer(), channel),
            this,
            Timeout.InfiniteTimeSpan,
            Timeout.InfiniteTimeSpan);
        _timer.Change(delay, Timeout.InfiniteTimeSpan);
    }

    /// <inheritdoc/>
    public override void ResumeReading()
    {
        if (!_paused) return;
        _paused = false;
        _resumed.Release();
    }

    /// <inheritdoc/>
    public override void StartWriting()
    {
        if (IsCurrent) _writeAtEndOfTurn = true;
        else _writing = WriteAsync();
    }

    /// <inheritdoc/>
    public override void Flush() => EndOfTurn();

    /// <inheritdoc/>
    public override void ShutdownSend()
    {
        // A stream has no end of its own for one direction.
    }

    /// <inheritdoc/>
    public override void Close()
    {
        _timer?.Dispose();
        _closed.Cancel();
    }

    /// <inheritdoc/>
    public override void Abort()
    {
        Close();
        abort();
    }

    private void StartReading()
    {
        if (_inputLength > 0) Feed();
        _reading = Task.Run(ReadAsync);
    }

    private async Task CompleteAsync()
    {
        await Task.WhenAll(_reading, _writing).ConfigureAwait(false);
        if (OwnsStream) await stream.DisposeAsync().ConfigureAwait(false);
    }

    private void EndOfTurn()
    {
        if (!_writeAtEndOfTurn) return;
        _writeAtEndOfTurn = false;
        _writing = WriteAsync();
    }

    private async Task ReadAsync()
    {
        string error = "";
        try
        {
            await ReadLoopAsync().ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            // Whatever the stream throws, it has no more bytes for us; it may be an abort of our own.
            error = exception.Message;
        }

        await RunAsync(
            static state => state.Connection.EndOfInput(state.Error), (Connection: _connection, Error: error));
    }

    private async Task ReadLoopAsync()
    {
        while (true)
        {
            // Each pause is waited for, also one that has ended by now, so that its release is not left for the next.
            if (_mustPause && !_resumed.Wait(0, CancellationToken.None)) await PauseAsync().ConfigureAwait(false);

            // An empty read completes when there is something to read, so that an idle connection holds no buffer.
            await stream.ReadAsync(Memory<byte>.Empty, _closed.Token).ConfigureAwait(false);
            byte[] buffer = ArrayPool<byte>.Shared.Rent(Receiver.Headroom + ReadSize);
            try
            {
                int length = await stream.ReadAsync(buffer.AsMemory(Receiver.Headroom, ReadSize), _closed.Token)
                    .ConfigureAwait(false);
                if (length == 0) return;
                (_input, _inputLength) = (buffer, length);
                if (!_context.TryRun(_feed, this))
                    await RunAsync(static channel => channel.Feed(), this).ConfigureAwait(false);
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }
    }

    private async Task PauseAsync()
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(_closed.Token, Lost);
        try
        {
            await _resumed.WaitAsync(end.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException exception) when (Lost.IsCancellationRequested)
        {
            throw new IOException("the transport was lost", exception);
        }
    }

    private async Task WriteAsync()
    {
        Sender sender = _connection.Sender;
        try
        {
            while (sender.TryTake(out ReadOnlyMemory<byte> chunk))
            {
                int length = Math.Min(chunk.Length, MostWritten);
                ValueTask writing = stream.WriteAsync(chunk[..length], _closed.Token);
                if (!writing.IsCompleted) sender.Stall();
                await writing.ConfigureAwait(false);
                sender.Written(length);
            }
        }
        catch (Exception exception)
        {
            string error = exception.Message;
            sender.WriteFailed();
            await RunAsync(
                static state => state.Connection.Lose(state.Error), (Connection: _connection, Error: error));
        }
    }

    private void Feed() =>
        _mustPause = _paused = !_connection.Feed(_input, Receiver.Headroom, Receiver.Headroom + _inputLength);
}
