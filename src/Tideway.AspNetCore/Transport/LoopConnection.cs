using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using Tideway.WebSockets.Engine;

namespace Tideway.AspNetCore.Transport;

/// <summary>One connection in HTTP mode: pumps bytes between its socket and the two pipes that Kestrel uses.</summary>
/// <remarks>
/// The input pipe is filled on the loop. The output pipe is emptied by whoever fills it, on that thread, and by the
/// pool when the socket was full. <see cref="DetachAsync"/> ends both pumps and lets the socket go, for WebSocket
/// mode.
/// <code>
///   Open ──► Closed      the socket is closed: the server is done, or the peer is gone
///     └────► Detached    the socket is somebody else's; what is left here are two pipes to complete
/// </code>
/// </remarks>
internal sealed partial class LoopConnection : ConnectionContext, ISocketOwner, ISocketDetachFeature,
    IConnectionIdFeature, IConnectionTransportFeature, IConnectionItemsFeature, IConnectionLifetimeFeature,
    IConnectionEndPointFeature, IMemoryPoolFeature
{
    /// <summary>How long after its end of input a peer counts as gone, unless it is a WebSocket by then.</summary>
    /// <remarks>At once would abort a request that came in one packet with that end, and lose the frame behind
    /// it.</remarks>
    private static readonly TimeSpan _lingerAfterEnd = TimeSpan.FromSeconds(1);

    /// <summary>The most blocks, of 4 KiB, received before their reader is woken.</summary>
    private const int MostBlocks = 16;

    private const int MostGathered = 65536;

    private readonly LoopSocket _socket;
    private readonly DuplexPipe _transport;
    private readonly Pipe _input;
    private readonly Pipe _output;
    // Never disposed: it has neither a timer nor a handle, and may fire later than the server lets go of us.
    private readonly CancellationTokenSource _closed = new();
    private readonly ILogger _logger;
    private readonly Task _sending;
    private TaskCompletionSource? _writable;
    private string? _lost;
    private State _state;
    private bool _hasReceived;
    private bool _inputEnded;
    private volatile bool _detaching;

    public LoopConnection(LoopSocket socket, ConnectionPipes pipes, TimeSpan handshakeTimeout, ILogger logger)
    {
        (_socket, _logger) = (socket, logger);
        MemoryPool = pipes.Pool;
        _input = new Pipe(pipes.Input);
        _output = new Pipe(pipes.Output);
        _transport = new DuplexPipe(_input.Reader, _output.Writer);
        Transport = _transport;
        ConnectionId = socket.Name;
        LocalEndPoint = socket.LocalEndPoint;
        RemoteEndPoint = socket.RemoteEndPoint;
        ConnectionClosed = _closed.Token;
        Features = new FeatureCollection(8);
        Features.Set<ISocketDetachFeature>(this);
        Features.Set<IConnectionIdFeature>(this);
        Features.Set<IConnectionTransportFeature>(this);
        Features.Set<IConnectionItemsFeature>(this);
        Features.Set<IConnectionLifetimeFeature>(this);
        Features.Set<IConnectionEndPointFeature>(this);
        Features.Set<IMemoryPoolFeature>(this);
        socket.Attach(this, SocketEvents.Readable);
        if (handshakeTimeout > TimeSpan.Zero) socket.SetTimer(handshakeTimeout);
        _sending = SendAsync();
    }

    private enum State
    {
        Open,
        Closed,
        Detached,
    }

    public override string ConnectionId { get; set; }

    public override IFeatureCollection Features { get; }

    public override IDictionary<object, object?> Items { get; set; } = new ConnectionItems();

    public override IDuplexPipe Transport { get; set; }

    public override CancellationToken ConnectionClosed { get; set; }

    public override EndPoint? LocalEndPoint { get; set; }

    public override EndPoint? RemoteEndPoint { get; set; }

    public MemoryPool<byte> MemoryPool { get; }

    public bool CanDetach => ReferenceEquals(Transport, _transport);

    public override void Abort(ConnectionAbortedException? abortReason) =>
        _socket.Loop.Post(_ => Lose(abortReason?.Message ?? "the server aborted the connection"), null);

    public async Task<bool> DetachAsync(EventLoop? target, Action<LoopSocket, ReadOnlyMemory<byte>> arrived)
    {
        if (!CanDetach) throw new InvalidOperationException("Something stands between the server and the socket.");

        // The answer leaves first. The pump of the output then ends, and its pipe stays as it is for Kestrel to
        // complete.
        _detaching = true;
        _output.Reader.CancelPendingRead();
        await _sending.ConfigureAwait(false);

        var done = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        _socket.Loop.Post(_ => done.SetResult(Detach(target, arrived)), null);
        return await done.Task.ConfigureAwait(false);
    }

    public override async ValueTask DisposeAsync()
    {
        _transport.Input.Complete();
        _transport.Output.Complete();
        await _sending.ConfigureAwait(false);
        if (_state == State.Detached) _output.Reader.Complete();
        else await CloseAsync().ConfigureAwait(false);
        await base.DisposeAsync().ConfigureAwait(false);
    }

    public override string ToString() =>
        $"HTTP connection {ConnectionId} of {RemoteEndPoint?.ToString() ?? "a local peer"}";

    void ISocketOwner.OnReady(SocketEvents events)
    {
        if ((events & SocketEvents.Writable) != 0) ContinueSending();
        if ((events & SocketEvents.Readable) != 0 && !_inputEnded) Receive();
        else if ((events & (SocketEvents.Failed | SocketEvents.HungUp)) != 0) Lose("the connection was reset");
    }

    void ISocketOwner.OnTimer()
    {
        if (_inputEnded)
        {
            NotifyClosed();
        }
        else if (!_hasReceived)
        {
            _socket.Loop.Counters.CountSilent();
            Lose("nothing was received within the handshake time-out");
        }
    }

    void ISocketOwner.OnTurnEnded()
    {
    }

    void ISocketOwner.OnStopping()
    {
        // Kestrel ends its connections itself.
    }

    void ISocketOwner.OnAborted(string reason) => Lose(reason);

    private void Receive()
    {
        int last = ReceiveBlocks(out int blocks);
        if (blocks > 0)
        {
            if (!_hasReceived) _socket.ClearTimer();
            _hasReceived = true;
            ValueTask<FlushResult> flush = _input.Writer.FlushAsync();
            if (flush.IsCompletedSuccessfully) Flushed(flush.Result);
            else _ = ReceiveOnAfterAsync(flush);
        }

        // An end behind what was received is told again by the next event.
        if (last == 0 && blocks == 0)
        {
            EndInput(null);
            _socket.SetTimer(_lingerAfterEnd);
        }
        else if (last < 0 && last is not (-SocketErrors.TryAgain or -SocketErrors.Interrupted))
        {
            Lose(SocketErrors.Describe(-last));
        }
    }

    /// <summary>Receives block by block while each is filled, which says that there may be more: so the reader is woken
    /// once for all of it.</summary>
    /// <returns>What the last receive answered.</returns>
    private int ReceiveBlocks(out int blocks)
    {
        blocks = 0;
        while (true)
        {
            Span<byte> block = _input.Writer.GetMemory().Span;
            int length = _socket.Receive(block);
            if (length <= 0) return length;
            _input.Writer.Advance(length);
            if (++blocks == MostBlocks || length < block.Length) return length;
        }
    }

    /// <summary>Kestrel reads slower than the peer sends: nothing is received until it has caught up.</summary>
    private async Task ReceiveOnAfterAsync(ValueTask<FlushResult> flush)
    {
        _socket.Watch(SocketEvents.None, SocketEvents.Readable);
        FlushResult result = await flush.ConfigureAwait(false);
        _socket.Loop.Post(
            _ =>
            {
                if (_state != State.Open || _inputEnded || _detaching) return;
                _socket.Watch(SocketEvents.Readable);
                Flushed(result);
            },
            null);
    }

    private void Flushed(FlushResult result)
    {
        // Kestrel reads no more; it may still have an answer to send.
        if (result.IsCompleted) EndInput(null);
    }

    private void EndInput(Exception? error)
    {
        if (_inputEnded) return;
        _inputEnded = true;
        _socket.Watch(SocketEvents.None, SocketEvents.Readable);
        _input.Writer.Complete(error);
    }

    /// <summary>Sends what the output pipe holds, until it is completed or the socket is let go.</summary>
    private async Task SendAsync()
    {
        try
        {
            await SendLoopAsync().ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            // The peer is gone, which is no fault of the application and not its to report; or the server ended its
            // output with an error of its own.
            _output.Reader.Complete(exception is ConnectionResetException ? null : exception);
            _socket.Loop.Post(_ => Lose(exception.Message), null);
        }
    }

    private async Task SendLoopAsync()
    {
        PipeReader output = _output.Reader;
        while (true)
        {
            ReadResult result = await output.ReadAsync().ConfigureAwait(false);
            if (!CanDetach && !result.IsCompleted)
            {
                // TLS writes record by record, of 4 KiB each: what is written meanwhile leaves in the same call.
                output.AdvanceTo(result.Buffer.Start);
                await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
                result = await output.ReadAsync().ConfigureAwait(false);
            }

            ReadOnlySequence<byte> rest = result.Buffer;
            if (!rest.IsSingleSegment) rest = SendGathered(rest);
            foreach (ReadOnlyMemory<byte> segment in rest) await SendAsync(segment).ConfigureAwait(false);
            output.AdvanceTo(result.Buffer.End);
            if (_detaching && result.IsCanceled) return;
            if (!result.IsCompleted) continue;
            output.Complete();
            return;
        }
    }

    /// <summary>Sends several small blocks at once: their copy costs less than a call, and a packet, for
    /// each.</summary>
    /// <returns>What the socket did not take.</returns>
    private ReadOnlySequence<byte> SendGathered(ReadOnlySequence<byte> blocks)
    {
        int length = (int)Math.Min(blocks.Length, MostGathered);
        byte[] gathered = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            blocks.Slice(0, length).CopyTo(gathered);
            return blocks.Slice(Send(gathered.AsMemory(0, length)));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(gathered);
        }
    }

    private ValueTask SendAsync(ReadOnlyMemory<byte> data)
    {
        int sent = Send(data);
        return sent == data.Length ? ValueTask.CompletedTask : SendRestAsync(data[sent..]);
    }

    private async ValueTask SendRestAsync(ReadOnlyMemory<byte> data)
    {
        while (!data.IsEmpty)
        {
            var writable = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            Volatile.Write(ref _writable, writable);
            _socket.Watch(SocketEvents.Writable);
            if (_socket.IsClosed) ContinueSending();
            await writable.Task.ConfigureAwait(false);
            data = data[Send(data)..];
        }
    }

    private int Send(ReadOnlyMemory<byte> data)
    {
        int sent = _socket.Send(data.Span);
        return sent >= 0 ? sent : throw new ConnectionResetException(_lost ?? SocketErrors.Describe(-sent));
    }

    private void ContinueSending()
    {
        _socket.Watch(SocketEvents.None, SocketEvents.Writable);
        Interlocked.Exchange(ref _writable, null)?.SetResult();
    }

    private bool Detach(EventLoop? target, Action<LoopSocket, ReadOnlyMemory<byte>> arrived)
    {
        if (_state != State.Open) return false;
        _state = State.Detached;
        _socket.ClearTimer();

        // What was read ahead belongs to the new owner, and comes before anything that it receives itself. When the
        // peer has ended its input, the new owner will see that, too.
        byte[] received = [];
        _input.Reader.CancelPendingRead();
        if (_input.Reader.TryRead(out ReadResult result))
        {
            received = result.Buffer.ToArray();
            _input.Reader.AdvanceTo(result.Buffer.End);
        }

        _input.Writer.Complete();
        _socket.MoveTo(target ?? _socket.Loop, socket => arrived(socket, received));
        return true;
    }

    private void Lose(string reason)
    {
        if (_state != State.Open) return;
        _lost = reason;
        EndInput(new ConnectionResetException(reason));
        Close(reset: true);
    }

    private Task CloseAsync()
    {
        var closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _socket.Loop.Post(
            _ =>
            {
                Close(reset: false);
                closed.SetResult();
            },
            null);
        return closed.Task;
    }

    private void Close(bool reset)
    {
        if (_state != State.Open) return;
        _state = State.Closed;
        EndInput(null);
        if (!reset) _socket.ShutdownSend();
        _socket.Close(reset);
        ContinueSending();
        NotifyClosed();
    }

    /// <summary>Tells Kestrel that the peer is gone, from the pool: who listens may run anything.</summary>
    private void NotifyClosed() => ThreadPool.UnsafeQueueUserWorkItem(
        static connection =>
        {
            try
            {
                connection._closed.Cancel();
            }
            catch (AggregateException exception)
            {
                ListenerFailed(connection._logger, connection.ConnectionId, exception);
            }
        },
        this,
        preferLocal: false);

    private sealed class DuplexPipe(PipeReader input, PipeWriter output) : IDuplexPipe
    {
        public PipeReader Input => input;

        public PipeWriter Output => output;
    }

    [LoggerMessage(115, LogLevel.Error,
        "What listens for the end of connection {Connection} (ConnectionClosed) failed")]
    private static partial void ListenerFailed(ILogger logger, string connection, Exception exception);
}
