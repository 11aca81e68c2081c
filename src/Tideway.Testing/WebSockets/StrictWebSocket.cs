using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Threading.Channels;
using Tideway.Testing.Lifetime;
using Tideway.Testing.Wire;

namespace Tideway.Testing.WebSockets;

/// <summary>A client's end of one WebSocket, which checks everything that it receives.</summary>
/// <remarks>
/// It reads by itself, up to 1,000 messages ahead, answers pings and closes, and fails the test at whatever RFC 6455 or
/// RFC 7692 forbid, even where the test looks elsewhere. Safe from any thread; each message goes to one receiver.
/// </remarks>
public sealed class StrictWebSocket : ITestResource
{
    private const int ReadsAhead = 1000;
    private const int RemembersFrames = 1000;
    private static readonly TimeSpan _closeTime = TimeSpan.FromSeconds(20);

    private readonly WireConnection _wire;
    private readonly StrictWebSocketOptions _options;
    private readonly TestRun _run;
    private readonly SemaphoreSlim _sending = new(1);
    private readonly Channel<WireMessage> _messages = Channel.CreateBounded<WireMessage>(ReadsAhead);
    private readonly Channel<Frame> _pings = NewChannel();
    private readonly Channel<Frame> _pongs = NewChannel();
    private readonly Queue<Frame> _frames = new();
    private readonly TaskCompletionSource<ReceivedClose> _close =
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    private readonly Task _reading;
    private volatile TaskCompletionSource? _pause;
    private volatile bool _closeSent;
    private volatile bool _leaves;
    private volatile bool _isCut;
    private volatile bool _endSeen;

    internal StrictWebSocket(
        WireConnection wire, string path, string? subprotocol, StrictWebSocketOptions options, TestRun run)
    {
        (_wire, Path, Subprotocol, _options, _run) = (wire, path, subprotocol, options, run);
        LocalEndPoint = wire.LocalEndPoint;

        // Only who asks for something is impatient.
        wire.Patience = Timeout.InfiniteTimeSpan;
        _reading = Task.Run(ReadAsync);
        run.Own(this);
    }

    /// <summary>The path that it was opened on.</summary>
    public string Path { get; }

    /// <summary>The subprotocol that was agreed on; null for none.</summary>
    public string? Subprotocol { get; }

    /// <summary>The address of this end: what the service knows its peer by.</summary>
    public IPEndPoint LocalEndPoint { get; }

    /// <summary>The last frames that came, at most 1,000, as they were on the wire. A copy.</summary>
    public IReadOnlyList<Frame> Frames
    {
        get
        {
            lock (_frames) return [.. _frames];
        }
    }

    /// <summary>What went over the wire.</summary>
    public Transcript Transcript => _wire.Transcript;

    string ITestResource.Description => $"the WebSocket to {Path}";

    /// <summary>Sends a text message.</summary>
    /// <param name="text">The text.</param>
    public Task SendAsync(string text) => SendAsync(Frame.TextOpcode, Encoding.UTF8.GetBytes(text));

    /// <summary>Sends a binary message.</summary>
    /// <param name="data">The bytes.</param>
    public Task SendAsync(ReadOnlyMemory<byte> data) => SendAsync(Frame.BinaryOpcode, data.ToArray());

    /// <summary>Sends frames as they are, legal or not, in one piece.</summary>
    /// <param name="frames">The frames.</param>
    public Task SendFramesAsync(params IReadOnlyList<Frame> frames)
    {
        ArgumentNullException.ThrowIfNull(frames);
        if (frames.Any(frame => frame.Opcode == Frame.CloseOpcode)) _closeSent = true;
        return SendBytesAsync(_wire.Encode(frames));
    }

    /// <summary>Sends bytes that are no frames of this end's making.</summary>
    /// <param name="bytes">The bytes.</param>
    public Task SendBytesAsync(ReadOnlyMemory<byte> bytes) => SendInTurnAsync(() => bytes);

    /// <summary>Receives the next message, which has to be text.</summary>
    /// <returns>The text.</returns>
    /// <exception cref="WireException">It is not; or the connection ended, or nothing came.</exception>
    public async Task<string> ReceiveTextAsync()
    {
        WireMessage message = await ReceiveAsync();
        return message.IsText ? message.Text : throw Failure($"A text message was expected, not {message}.");
    }

    /// <summary>Receives the next message, which has to be binary.</summary>
    /// <returns>The bytes.</returns>
    /// <exception cref="WireException">It is not; or the connection ended, or nothing came.</exception>
    public async Task<byte[]> ReceiveBinaryAsync()
    {
        WireMessage message = await ReceiveAsync();
        return message.IsText ? throw Failure($"A binary message was expected, not {message}.") : message.Payload;
    }

    /// <summary>Receives the next message.</summary>
    /// <exception cref="WireException">The connection ended, or nothing came.</exception>
    public Task<WireMessage> ReceiveAsync() => NextAsync(_messages, "A message");

    /// <summary>Waits for the next ping of the service.</summary>
    /// <returns>What it carries.</returns>
    /// <exception cref="WireException">The connection ended, or nothing came.</exception>
    public async Task<byte[]> ReceivePingAsync() => (await NextAsync(_pings, "A ping")).Payload;

    /// <summary>Waits for the next pong of the service that nothing else has waited for.</summary>
    /// <returns>What it carries.</returns>
    /// <exception cref="WireException">The connection ended, or nothing came.</exception>
    public async Task<byte[]> ReceivePongAsync() => (await NextAsync(_pongs, "A pong")).Payload;

    /// <summary>Sends a ping, and waits for its pong.</summary>
    /// <param name="payload">What the pong has to repeat; null for 8 random bytes.</param>
    /// <exception cref="WireException">Another pong came, or none.</exception>
    public async Task PingAsync(byte[]? payload = null)
    {
        payload ??= RandomNumberGenerator.GetBytes(8);
        await SendFramesAsync(Frame.Ping(payload));
        byte[] pong = await ReceivePongAsync();
        if (!pong.AsSpan().SequenceEqual(payload)) throw Failure("A pong has not the payload of its ping.");
    }

    /// <summary>Waits for the end of the connection.</summary>
    /// <returns>How the service ended it.</returns>
    /// <exception cref="WireException">It has broken the protocol, or nothing came.</exception>
    public async Task<ReceivedClose> ReceiveCloseAsync()
    {
        try
        {
            ReceivedClose close = await _close.Task.WaitAsync(_options.Patience);
            _endSeen = true;
            return close;
        }
        catch (TimeoutException)
        {
            throw Failure($"The end was expected, but nothing came within {_options.Patience.TotalSeconds} s.");
        }
    }

    /// <summary>Closes the connection, and waits for the service to close it, too.</summary>
    /// <param name="code">The code; 1005 for none.</param>
    /// <param name="reason">The reason.</param>
    /// <returns>The service's close.</returns>
    /// <exception cref="WireException">The service does not complete the closing handshake.</exception>
    public async Task<ReceivedClose> CloseAsync(int code = 1000, string reason = "")
    {
        await SendFramesAsync(code == ReceivedClose.NoCode ? Frame.Close() : Frame.Close(code, reason));
        ReceivedClose close = await ReceiveCloseAsync();
        if (close.Code == ReceivedClose.NoFrame) throw Failure($"A close frame was expected, not {close}.");
        if (!await EndsAsync(_reading, _options.Patience)) throw Failure("The service does not end the transport.");
        return close;
    }

    /// <summary>Stops reading, so that the service finds a slow consumer, until the returned object is
    /// disposed.</summary>
    /// <remarks>The frame that is being read is read to its end.</remarks>
    public IDisposable PauseReading()
    {
        _pause ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return new Resumption(this);
    }

    /// <summary>Ends the connection at once, by a reset, as a peer does that crashes.</summary>
    public void Abort()
    {
        (_leaves, _endSeen) = (true, true);
        Cut();
        Resume();
    }

    /// <summary>Closes the connection, unless that was done. Never throws: what the service does wrong fails the
    /// test.</summary>
    public async ValueTask DisposeAsync()
    {
        _run.Release(this);
        Resume();
        bool hasLeft = _leaves || await LeaveAsync();

        // Also if its close was still on the way when the test ended.
        if (_close.Task is { IsCompletedSuccessfully: true, Result: { IsFailure: true } close } && !_endSeen)
            _run.Report($"The service ended the WebSocket to {Path} with {close}, which the test did not look at.");
        if (!hasLeft)
            _run.Report($"The service did not end the WebSocket to {Path} in {_closeTime.TotalSeconds} s.");
        Cut();
        await _reading;
        await _wire.DisposeAsync();
        _sending.Dispose();
    }

    private static Channel<Frame> NewChannel() => Channel.CreateBounded<Frame>(
        new BoundedChannelOptions(ReadsAhead) { FullMode = BoundedChannelFullMode.DropOldest });

    private static async Task<bool> EndsAsync(Task task, TimeSpan time) =>
        await Task.WhenAny(task, Task.Delay(time)) == task;

    private async Task<bool> LeaveAsync()
    {
        _leaves = true;
        while (_messages.Reader.TryRead(out _))
        {
            // Makes room for what is still to come before the close.
        }

        try
        {
            if (!_closeSent) await SendFramesAsync(Frame.Close(1000)).WaitAsync(_closeTime);
        }
        catch (Exception exception) when (exception is WireException or TimeoutException)
        {
            return false;
        }

        return await EndsAsync(_reading, _closeTime);
    }

    private WireException Failure(string message, Exception? inner = null) =>
        new($"{message}\n{Transcript}", inner);

    private void Cut()
    {
        _isCut = true;
        _wire.Abort();
    }

    private void Resume()
    {
        TaskCompletionSource? pause = _pause;
        _pause = null;
        pause?.TrySetResult();
    }

    private Task SendAsync(int opcode, byte[] payload) => SendInTurnAsync(() =>
    {
        // What is compressed refers to what was sent before it.
        Deflater? deflater = _wire.Deflater;
        return _wire.Encode(new Frame(opcode, deflater is null ? payload : deflater.Deflate(payload))
        {
            Reserved = deflater is null ? 0 : 4,
            Key = BitConverter.ToUInt32(RandomNumberGenerator.GetBytes(4)),
        });
    });

    private async Task SendInTurnAsync(Func<ReadOnlyMemory<byte>> encode)
    {
        if (!await _sending.WaitAsync(_options.Patience)) throw NothingTaken();
        try
        {
            await _wire.SendAsync(encode()).WaitAsync(_options.Patience);
        }
        catch (TimeoutException)
        {
            throw NothingTaken();
        }
        finally
        {
            _sending.Release();
        }

        WireException NothingTaken() =>
            Failure($"The service has taken nothing for {_options.Patience.TotalSeconds} s.");
    }

    private async Task<T> NextAsync<T>(Channel<T> channel, string what)
    {
        using var timeout = new CancellationTokenSource(_options.Patience);
        try
        {
            return await channel.Reader.ReadAsync(timeout.Token);
        }
        catch (OperationCanceledException)
        {
            throw Failure($"{what} was expected, but nothing came within {_options.Patience.TotalSeconds} s.");
        }
        catch (ChannelClosedException)
        {
            _endSeen = true;
            ReceivedClose close = await _close.Task;
            throw Failure($"{what} was expected, not {close}.");
        }
    }

    private async Task ReadAsync()
    {
        try
        {
            await ReadFramesAsync();
            _close.TrySetResult(new ReceivedClose(ReceivedClose.NoFrame, _wire.WasReset ? "it was reset" : ""));
        }
        catch (Exception) when (_isCut)
        {
            _close.TrySetResult(new ReceivedClose(ReceivedClose.NoFrame, "this end left"));
        }
        catch (Exception exception)
        {
            WireException failure = Failure(exception.Message, exception);
            if (_close.TrySetException(failure)) _ = _close.Task.Exception;
            _run.Report($"On the WebSocket to {Path} the service broke the protocol: {failure.Message}");
            Cut();
        }

        foreach (ChannelWriter<Frame> control in new[] { _pings.Writer, _pongs.Writer }) control.TryComplete();
        _messages.Writer.TryComplete();
    }

    private async Task ReadFramesAsync()
    {
        while (true)
        {
            if (_pause is { } pause) await pause.Task;
            if (await _wire.ReadFrameAsync() is not { } frame) return;
            lock (_frames)
            {
                if (_frames.Count == RemembersFrames) _frames.Dequeue();
                _frames.Enqueue(frame);
            }

            if (_close.Task.IsCompleted) throw new WireException($"After the close frame came another frame: {frame}.");
            await TakeAsync(frame);
        }
    }

    private async Task TakeAsync(Frame frame)
    {
        switch (frame.Opcode)
        {
            case Frame.CloseOpcode:
                var close = ReceivedClose.Parse(frame.Payload);
                bool answers = _options.AnswersCloses && !_closeSent;
                if (answers) await SendFramesAsync(Frame.Close(frame.Payload));
                _close.TrySetResult(close);
                _messages.Writer.TryComplete();
                break;
            case Frame.PingOpcode:
                if (_options.AnswersPings) await SendFramesAsync(Frame.Pong(frame.Payload));
                _pings.Writer.TryWrite(frame);
                break;
            case Frame.PongOpcode:
                _pongs.Writer.TryWrite(frame);
                break;
            default:
                if (_wire.Join(frame) is { } message && !_leaves) await _messages.Writer.WriteAsync(message);
                break;
        }
    }

    private sealed class Resumption(StrictWebSocket owner) : IDisposable
    {
        public void Dispose() => owner.Resume();
    }
}
