using System.Net;
using Tideway.WebSockets.Engine;
using Tideway.WebSockets.Framing;
using Tideway.WebSockets.Handshake;

namespace Tideway.WebSockets.Connections;

/// <summary>One WebSocket connection, of a server or of a client (RFC 6455).</summary>
/// <remarks>
/// Safe for one receiver and any number of senders at once; each sender's messages keep their order, and no message is
/// torn. Pings are answered, the closing handshake is completed and violations are met by the connection itself. What
/// comes in is read only as far as somebody receives it, so a handler that does not receive slows its peer down.
/// Pings and a close right behind what was received are met at once, so after a peer's close nothing can be sent any
/// more, not even the answer to the message before it (RFC 6455 §5.5.1).
/// <code>
///   Open ──► Closing ──► Closed        Closing: a close frame was sent or received; it ends with both, or by time-out.
///     └──────────────────►┘            Straight to Closed: the transport was lost. Completed: it was let go, too.
/// </code>
/// </remarks>
public sealed class WebSocketConnection : IAsyncDisposable
{
    private readonly WebSocketConnectionOptions _options;
    private readonly ConnectionIdentity? _identity;
    private readonly Receiver _receiver;

    private ConnectionState _state;
    private CloseReason? _reason;
    private KeepAlive _keepAlive;
    private bool _closeWritten;
    private bool _peerFinished;
    private bool _violated;
    private bool _reads = true;
    private PeerWatch? _watch;
    private ConnectionEnd? _end;
    private Task? _handling;
    private Action<WebSocketConnection, Exception?>? _handled;
    private int _unansweredPings;

    private WebSocketConnection(
        Channel channel,
        WebSocketRole role,
        WebSocketConnectionOptions options,
        ConnectionIdentity? identity,
        string? subprotocol,
        CompressionAgreement? compression)
    {
        Channel = channel;
        Role = role;
        _options = options;
        _identity = identity;
        Subprotocol = subprotocol;
        if (compression is not null) Compression = new ConnectionCompression(role, compression, options.Compression);
        _receiver = new Receiver(this, role);
        Sender = new Sender(this);
    }

    /// <summary>A name of this connection that is unique in the process, for logs.</summary>
    public string Id => _identity?.Id ?? Socket!.Name;

    /// <summary>The address of this end; null where the transport has none.</summary>
    public EndPoint? LocalEndPoint => _identity is null ? Socket!.LocalEndPoint : _identity.LocalEndPoint;

    /// <summary>The address of the peer; null where the transport has none.</summary>
    public EndPoint? RemoteEndPoint => _identity is null ? Socket!.RemoteEndPoint : _identity.RemoteEndPoint;

    /// <summary>The subprotocol that the handshake agreed on; null when none.</summary>
    public string? Subprotocol { get; }

    /// <summary>The compression that the handshake agreed on; null when none.</summary>
    public ConnectionCompression? Compression { get; }

    /// <summary>Why the connection closes or closed; null while it is open.</summary>
    public CloseReason? CloseReason => Volatile.Read(ref _reason);

    /// <summary>Is cancelled when the connection begins to close, for whatever else a handler waits for.</summary>
    /// <remarks>Its callbacks run on the connection's context. What they throw counts as thrown by the
    /// handler.</remarks>
    public CancellationToken Closing => End.Closing;

    /// <summary>Completes when the connection is closed, whoever closed it, and its transport is let go. Never
    /// faults.</summary>
    public Task Completion => End.Closed;

    /// <summary>How many pings were sent since the last pong came in.</summary>
    public int UnansweredPings => Volatile.Read(ref _unansweredPings);

    /// <summary>How many messages were received.</summary>
    public long MessagesReceived => _receiver.Messages;

    /// <summary>How many payload bytes the received messages had.</summary>
    public long BytesReceived => _receiver.Bytes;

    /// <summary>How many messages were accepted for sending.</summary>
    public long MessagesSent => Sender.Messages;

    /// <summary>How many payload bytes the sent messages had.</summary>
    public long BytesSent => Sender.Bytes;

    /// <summary>How many messages were dropped because the peer reads too slowly.</summary>
    public long MessagesDropped => Sender.Dropped;

    /// <summary>In how many seconds the peer had to wait with messages beyond
    /// <see cref="WebSocketConnectionOptions.MaxMessagesPerSecond"/>.</summary>
    public long TimesThrottled => _watch?.TimesThrottled ?? 0;

    /// <summary>How many bytes wait for the peer to take them, frame headers included.</summary>
    public int SendBacklog => Sender.Backlog;

    internal Channel Channel { get; }

    internal WebSocketRole Role { get; }

    internal WebSocketConnectionOptions Options => _options.Current;

    internal Sender Sender { get; }

    internal PeerWatch Watch => _watch ??= new();

    private ConnectionEnd End
    {
        get
        {
            if (Volatile.Read(ref _end) is { } end) return end;
            Interlocked.CompareExchange(ref _end, new ConnectionEnd(), null);

            // Whoever comes late learns it here; the exchange keeps the look behind it.
            if (_state != ConnectionState.Open) _end.BeginClosing();
            if (_state == ConnectionState.Completed) _end.Complete();
            return _end;
        }
    }

    private LoopSocket? Socket => (Channel as SocketChannel)?.Socket;

    /// <summary>Makes a connection over a socket on which the handshake is done, and begins to read.</summary>
    /// <remarks>For the thread of the socket's loop, which becomes the connection's context.</remarks>
    /// <param name="socket">The socket, which the connection owns from now on.</param>
    /// <param name="role">Which end this is.</param>
    /// <param name="options">The limits.</param>
    /// <param name="subprotocol">The subprotocol that the handshake agreed on; null for none.</param>
    /// <param name="received">What was received behind the handshake. It is copied.</param>
    /// <param name="compression">The compression that the handshake agreed on; null for none.</param>
    /// <param name="began">When the handshake began: a timestamp of the options' clock; null for now.</param>
    public static WebSocketConnection Create(
        LoopSocket socket,
        WebSocketRole role,
        WebSocketConnectionOptions options,
        string? subprotocol = null,
        ReadOnlySpan<byte> received = default,
        CompressionAgreement? compression = null,
        long? began = null)
    {
        ArgumentNullException.ThrowIfNull(socket);
        ArgumentNullException.ThrowIfNull(options);
        var channel = new SocketChannel(socket);
        WebSocketConnection connection =
            new WebSocketConnection(channel, role, options, null, subprotocol, compression)
                .Begin(options.TimeProvider == socket.Loop.Group.TimeProvider ? began : null);
        if (received.Length > 0) channel.Deliver(received);
        return connection;
    }

    /// <summary>Makes a connection over a stream on which the handshake is done, and begins to read.</summary>
    /// <param name="stream">Sends what is written without a flush, and takes a read and a write at the same time. Owned
    /// by the caller, who disposes it after <see cref="Completion"/>.</param>
    /// <param name="role">Which end this is.</param>
    /// <param name="options">The limits; null for the defaults.</param>
    /// <param name="identity">Which connection this is; null for a fresh name.</param>
    /// <param name="abort">Cuts the transport when the peer does not let it end well; null disposes the stream.</param>
    /// <param name="compression">The compression that the handshake agreed on; null for none.</param>
    /// <param name="began">When the handshake began: a timestamp of the options' clock; null for now.</param>
    /// <param name="lost">Is cancelled when the transport is gone, which a stream tells only who reads.</param>
    public static WebSocketConnection Create(
        Stream stream,
        WebSocketRole role,
        WebSocketConnectionOptions? options = null,
        ConnectionIdentity? identity = null,
        Action? abort = null,
        CompressionAgreement? compression = null,
        long? began = null,
        CancellationToken lost = default)
    {
        ArgumentNullException.ThrowIfNull(stream);
        options ??= new WebSocketConnectionOptions();
        var channel = new StreamChannel(stream, abort ?? stream.Dispose, options.TimeProvider) { Lost = lost };
        return Create(channel, role, options, identity ?? new(Guid.NewGuid().ToString("N")), compression, began);
    }

    /// <summary>Runs a handler for the life of the connection, on the connection's own context, and then closes
    /// it.</summary>
    /// <remarks>
    /// After each of its awaits the handler is back on that context, where one thing runs at a time; it needs no locks
    /// for its own state. When it returns the connection closes with 1000, when it throws with 1011. A
    /// <see cref="ConnectionClosedException"/>, and a cancellation while the connection closes, are no errors.
    /// </remarks>
    /// <param name="handler">The handler.</param>
    /// <returns>Completes when the connection is closed; faults with what the handler threw.</returns>
    public Task RunAsync(Func<WebSocketConnection, Task> handler)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Start(handler, async (connection, error) =>
        {
            await connection.Completion.ConfigureAwait(false);
            if (error is null) done.SetResult();
            else done.SetException(error);
        });
        return done.Task;
    }

    /// <summary>Runs a handler as <see cref="RunAsync"/> does, with a callback instead of a task: an idle connection
    /// then holds no more than the handler itself.</summary>
    /// <param name="handler">The handler.</param>
    /// <param name="handled">Is called when the handler has ended, with what it threw or null; the connection is
    /// closing then. What it throws itself cuts the connection.</param>
    public void Start(Func<WebSocketConnection, Task> handler, Action<WebSocketConnection, Exception?> handled)
    {
        ArgumentNullException.ThrowIfNull(handler);
        ArgumentNullException.ThrowIfNull(handled);
        _handled = handled;
        if (Channel.IsCurrent) Handle(handler);
        else Channel.Post(_ => Handle(handler), this);
    }

    /// <summary>Receives the next message: a whole one, or the news that the connection closes.</summary>
    /// <remarks>
    /// The message's data is valid until the next receive. A cancelled receive loses nothing. On the connection's own
    /// context it allocates nothing; it may be called from anywhere, but not twice at a time.
    /// </remarks>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="ConnectionClosedException">The connection was lost, or its close message was received
    /// before.</exception>
    /// <exception cref="InvalidOperationException">Another receive waits.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public ValueTask<Message> ReceiveAsync(CancellationToken cancellationToken = default)
    {
        if (!Channel.IsCurrent) return _receiver.ReceiveElsewhereAsync(cancellationToken);
        return cancellationToken.CanBeCanceled
            ? _receiver.ReceiveCancelableAsync(cancellationToken)
            : _receiver.ReceiveAsync();
    }

    /// <summary>Takes a message if a whole one is here. What has come of the next one is kept.</summary>
    /// <remarks>For the handler: call it on the connection's own context.</remarks>
    /// <param name="message">The message, valid until the next receive.</param>
    /// <returns>False when no whole message is here.</returns>
    /// <exception cref="ConnectionClosedException">The connection was lost, or its close message was received
    /// before.</exception>
    /// <exception cref="InvalidOperationException">Another receive waits, or the caller is on another
    /// context.</exception>
    public bool TryReceive(out Message message)
    {
        if (!Channel.IsCurrent)
        {
            throw new InvalidOperationException(
                "TryReceive works on the context of the connection's handler. Elsewhere, use ReceiveAsync.");
        }

        return _receiver.TryReceive(out message);
    }

    /// <summary>Sends a message as it is: text as text, bytes as bytes, a close message as a close with its
    /// code.</summary>
    /// <param name="message">The message. Its data must not change until the task completes.</param>
    /// <param name="cancellationToken">Takes the message back while none of it was sent. After that only
    /// <see cref="Abort"/> ends the wait, for half a message cannot be taken back.</param>
    /// <returns>Completes when the message was taken; waits while too much waits for the peer already.</returns>
    /// <exception cref="ConnectionClosedException">The connection is closing or closed.</exception>
    public ValueTask SendAsync(Message message, CancellationToken cancellationToken = default) => message.Kind switch
    {
        MessageKind.Text or MessageKind.Binary =>
            Sender.SendAsync(message.Opcode, message.Data, cancellationToken, !message.Uncompressed),
        MessageKind.Close => new ValueTask(CloseAsync(message.CloseReason!.Code, message.CloseReason.Text)),
        _ => ValueTask.FromException(new ArgumentException("The message has no kind.", nameof(message))),
    };

    /// <summary>Sends a string as a text message.</summary>
    /// <inheritdoc cref="SendAsync(Message, CancellationToken)"/>
    public ValueTask SendTextAsync(string text, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Sender.SendTextAsync(text, cancellationToken);
    }

    /// <summary>Sends UTF-8 bytes as a text message. They are not checked; a strict peer refuses others with
    /// 1007.</summary>
    /// <inheritdoc cref="SendAsync(Message, CancellationToken)"/>
    public ValueTask SendTextAsync(ReadOnlyMemory<byte> utf8, CancellationToken cancellationToken = default) =>
        Sender.SendAsync(Opcode.Text, utf8, cancellationToken);

    /// <summary>Sends bytes as a binary message.</summary>
    /// <inheritdoc cref="SendAsync(Message, CancellationToken)"/>
    public ValueTask SendBinaryAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken = default) =>
        Sender.SendAsync(Opcode.Binary, data, cancellationToken);

    /// <summary>Sends a message if there is room for it, and never waits. Nothing of the message is used
    /// afterwards.</summary>
    /// <param name="message">A text or binary message.</param>
    /// <returns>What became of it. Those dropped are counted by <see cref="MessagesDropped"/>.</returns>
    /// <exception cref="ArgumentException">The message is neither text nor binary.</exception>
    public SendStatus TrySend(Message message) => message.Kind switch
    {
        MessageKind.Text or MessageKind.Binary =>
            Sender.TrySend(message.Opcode, message.Data, !message.Uncompressed),
        _ => throw new ArgumentException("Only text and binary messages can be tried.", nameof(message)),
    };

    /// <summary>Waits until the transport has taken all that was sent: the peer reads fast enough again.</summary>
    /// <returns>Completes then, or when the connection is lost. Never faults.</returns>
    public Task WaitUntilDrainedAsync() => Sender.WaitUntilDrained();

    /// <summary>Sends a ping; <see cref="UnansweredPings"/> counts it until a pong comes in.</summary>
    /// <param name="payload">At most 125 bytes, which come back in the pong.</param>
    /// <param name="cancellationToken">Ends the wait for room.</param>
    /// <exception cref="ArgumentException">The payload is longer than 125 bytes.</exception>
    /// <exception cref="ConnectionClosedException">The connection is closing or closed.</exception>
    public ValueTask SendPingAsync(
        ReadOnlyMemory<byte> payload = default, CancellationToken cancellationToken = default)
    {
        if (payload.Length > FrameHeader.MaxControlPayload)
            throw new ArgumentException("A ping holds at most 125 bytes (RFC 6455 §5.5).", nameof(payload));
        Interlocked.Increment(ref _unansweredPings);
        return Sender.SendAsync(Opcode.Ping, payload, cancellationToken);
    }

    /// <summary>Closes the connection behind all that was sent. Messages not received yet are dropped.</summary>
    /// <remarks>No need to wait: a handler may also just return. A second close changes nothing.</remarks>
    /// <param name="code">A code that may be sent (RFC 6455 §7.4), or 1005 for a close frame without one.</param>
    /// <param name="reason">At most 123 bytes of UTF-8.</param>
    /// <returns>Completes when the peer has answered, or the close time-out has passed, and the transport is let
    /// go.</returns>
    /// <exception cref="ArgumentException">The code must not be sent, or the reason is too long.</exception>
    public Task CloseAsync(CloseCode code = CloseCode.NormalClosure, string reason = "")
    {
        ArgumentNullException.ThrowIfNull(reason);
        ClosePayload.ThrowIfNotSendable(code, reason);
        Close(new CloseReason(code, reason, CloseOrigin.Local));
        return Completion;
    }

    /// <summary>Cuts the connection at once, without a closing handshake. Safe from any thread, and
    /// repeatable.</summary>
    public void Abort() => Channel.Post(
        static connection => ((WebSocketConnection)connection!).Lose("aborted by this end"), this);

    /// <summary>Looks at its time limits, for who is about to move its clock; completes when it has looked.</summary>
    public Task CheckTimeLimitsAsync() => Channel.RunAsync(static connection => connection.LookAtTimes(), this);

    /// <summary>Closes the connection with 1000, if it is open, and waits until it is closed.</summary>
    public async ValueTask DisposeAsync() => await CloseAsync().ConfigureAwait(false);

    /// <summary>Reads as <c>websocket-handler, connection 17 of 10.0.0.1:4711</c>.</summary>
    public override string ToString() =>
        $"{Options.Name}, connection {Id} of {RemoteEndPoint?.ToString() ?? "a local peer"}";

    /// <summary>Makes a connection over a channel that was not started yet, and begins to read.</summary>
    internal static WebSocketConnection Create(
        StreamChannel channel, WebSocketRole role, WebSocketConnectionOptions options, ConnectionIdentity identity,
        CompressionAgreement? compression, long? began = null) =>
        new WebSocketConnection(channel, role, options, identity, identity.Subprotocol, compression).Begin(began);

    /// <summary>Takes bytes from the channel; false asks it to pause.</summary>
    internal bool Feed(byte[] buffer, int start, int end)
    {
        _keepAlive.Received(Channel.Now);
        return _reads = _receiver.Feed(buffer, start, end);
    }

    /// <summary>The channel reads again, after a pause.</summary>
    internal void ResumeReading()
    {
        if (_reads) return;
        _reads = true;
        _watch?.Excuse();
        Channel.ResumeReading();
    }

    /// <summary>The time that the connection set for itself is over.</summary>
    internal void OnTimer()
    {
        if (_state == ConnectionState.Closing) Finish(cut: true);
        else if (_state == ConnectionState.Open) LookAtTimes();
    }

    /// <summary>The service stops.</summary>
    internal void OnStopping() => _ = CloseAsync(CloseCode.GoingAway, "the server stops");

    /// <summary>The peer will send no more bytes.</summary>
    internal void EndOfInput(string error)
    {
        // After a mere end, the peer may still read what the transport was given before.
        if (error.Length > 0) Lose(error);
        else Lose(CloseReason.Lost("the peer closed the transport without a close frame"), cut: Sender.Backlog > 0);
    }

    /// <summary>The transport is gone: nothing can be sent any more.</summary>
    internal void Lose(string error) => Lose(CloseReason.Lost(error), cut: !_closeWritten);

    /// <summary>All that was accepted was written, our close frame last. Called from any thread.</summary>
    internal void CloseWritten() => Channel.Post(
        static state =>
        {
            var connection = (WebSocketConnection)state!;
            connection._closeWritten = true;
            connection.FinishIfDone();
        },
        this);

    /// <summary>The peer's close frame was found among what was discarded.</summary>
    internal void PeerFinished()
    {
        _peerFinished = true;
        FinishIfDone();
    }

    /// <summary>A control frame came in.</summary>
    internal void ControlFrame(Opcode opcode, ReadOnlySpan<byte> payload)
    {
        bool isAnswer = opcode == Opcode.Pong && _unansweredPings > 0;
        if (isAnswer) Volatile.Write(ref _unansweredPings, 0);
        else if (opcode == Opcode.Close) PeerCloses(payload);
        else if (!Watch.TakeControlFrame(Options.MaxControlFramesPerSecond, Channel.Now))
            Violated(Violation.Policy($"more than {Options.MaxControlFramesPerSecond} control frames in a second"));
        else if (opcode == Opcode.Ping) Sender.SendPong(payload);
    }

    /// <summary>Closes the connection from this end.</summary>
    internal void Close(CloseReason reason) => BeginClose(reason, reason.Code, reason.Text);

    /// <summary>The peer broke the protocol (RFC 6455 §7.1.7).</summary>
    internal void Violated(Violation violation)
    {
        _violated = true;
        Close(CloseReason.Of(violation));
    }

    private void PeerCloses(ReadOnlySpan<byte> payload)
    {
        _peerFinished = true; // Whatever is wrong with it, no other close will follow.
        if (ClosePayload.TryParse(payload, out CloseCode code, out string text) is { } violation) Violated(violation);
        else BeginClose(new CloseReason(code, text, CloseOrigin.Peer), code, ""); // RFC 6455 §5.5.1 echoes the code.
    }

    private void BeginClose(CloseReason reason, CloseCode code, string text)
    {
        CloseReason first = Sender.Close(code, text, reason);

        // If another thread was first, its own news of it may still be on the way here.
        if (Channel.IsCurrent) EnterClosing(first);
        else if (first == reason) Channel.Post(_ => EnterClosing(reason), null);
    }

    private void EnterClosing(CloseReason reason)
    {
        if (_state != ConnectionState.Open) return;
        _state = ConnectionState.Closing;
        Volatile.Write(ref _reason, reason);
        Channel.SetTimer(Options.CloseTimeout);
        _receiver.EndWithMessage(reason);
        BeginEnd();
        FinishIfDone();
    }

    private WebSocketConnection Begin(long? began)
    {
        _keepAlive = new KeepAlive(began is { } time ? Options.TimeProvider.ToMilliseconds(time) : Channel.Now);
        Channel.Start(this);
        if (Channel.IsCurrent) LookAtTimes();
        else Channel.Post(static connection => ((WebSocketConnection)connection!).LookAtTimes(), this);
        return this;
    }

    /// <summary>Looks what is due by now, and when to look again. On the context.</summary>
    internal void LookAtTimes()
    {
        if (_state != ConnectionState.Open) return;
        (long now, long messages) = (Channel.ReadClock(), MessagesReceived + MessagesSent);

        // A peer that takes what waits for it is alive, though a ping may not reach it yet.
        if (Sender.TakeProgress()) _keepAlive.Received(now);
        long unfinished =
            _reads && _receiver.IsInsideMessage ? Watch.UnfinishedSince(MessagesReceived, now) : KeepAlive.Never;
        KeepAliveDue due = _keepAlive.Look(Options, now, messages, unfinished, _reads, out TimeSpan nextLook);

        // Before the ping, whose time-out it bounds; a close sets another.
        Channel.SetTimer(nextLook);
        switch (due)
        {
            case KeepAliveDue.Ping:
                if (Sender.TrySendPing()) Interlocked.Increment(ref _unansweredPings);
                break;
            case KeepAliveDue.PeerIsGone:
                Lose(KeepAlive.ReasonOf(due), cut: !_closeWritten);
                break;
            case not KeepAliveDue.Nothing:
                Close(KeepAlive.ReasonOf(due));
                break;
            default:
                _receiver.GoOn(); // May set an earlier timer.
                break;
        }
    }

    private void FinishIfDone()
    {
        // A peer that broke the protocol may never answer: it is shown at once that nothing more comes.
        if (_closeWritten && !_peerFinished && _violated) Channel.ShutdownSend();

        // RFC 6455 §7.1.1: the server closes the transport first; the client waits for it.
        if (_closeWritten && _peerFinished && Role == WebSocketRole.Server) Finish(cut: false);
    }

    private void Lose(CloseReason reason, bool cut)
    {
        if (_state == ConnectionState.Open) Volatile.Write(ref _reason, reason);
        Finish(cut);
    }

    private void Finish(bool cut)
    {
        if (_state >= ConnectionState.Closed) return;
        _state = ConnectionState.Closed;
        Channel.SetTimer(Timeout.InfiniteTimeSpan);
        Sender.Fail(_reason!);
        if (cut) Channel.Abort();
        else Channel.Close();
        _receiver.EndWithError(_reason!);
        BeginEnd();
        if (Channel.Completion.IsCompleted) Complete();
        else _ = CompleteLaterAsync();
    }

    private void BeginEnd()
    {
        // Keeps the look behind the change of the state: who makes an end meanwhile sees the change, or we the end.
        Interlocked.MemoryBarrier();
        _end?.BeginClosing();
    }

    private async Task CompleteLaterAsync()
    {
        await Channel.Completion;
        Complete();
    }

    private void Complete()
    {
        _receiver.Dispose();
        _state = ConnectionState.Completed;
        Interlocked.MemoryBarrier();
        _end?.Complete();
    }

    private void Handle(Func<WebSocketConnection, Task> handler)
    {
        try
        {
            _handling = handler(this);
        }
        catch (Exception exception)
        {
            _handling = Task.FromException(exception);
        }

        if (_handling.IsCompleted) Handled();
        else _handling.ConfigureAwait(false).GetAwaiter().UnsafeOnCompleted(Handled); // To keep it costs the least.
    }

    private void Handled()
    {
        Exception? error = null;
        try
        {
            _handling!.GetAwaiter().GetResult();
        }
        catch (Exception exception) when (IsEndOfConnection(exception))
        {
            // The handler was told that its connection ends, and let that end it, too.
        }
        catch (Exception exception)
        {
            error = exception;
        }

        if (error is null) CloseAsync();
        else CloseAsync(CloseCode.InternalError, "the handler failed");
        try
        {
            _handled!(this, error ?? _end?.CallbackError);
        }
        catch (Exception exception)
        {
            // Here is neither a caller nor a log. A host hears of it from its loops.
            if (Socket is { } socket) socket.Loop.Group.ReportFailure(socket, exception);
            Abort();
        }
    }

    private bool IsEndOfConnection(Exception exception) =>
        (exception is ConnectionClosedException or OperationCanceledException) && _state != ConnectionState.Open;
}
