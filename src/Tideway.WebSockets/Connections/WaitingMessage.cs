using System.Buffers;
using Tideway.WebSockets.Compression;
using Tideway.WebSockets.Framing;

namespace Tideway.WebSockets.Connections;

/// <summary>A message that waits for room in the backlog of its connection. Guarded by the sender's lock.</summary>
/// <param name="role">Which end sends it.</param>
/// <param name="opcode">What it is.</param>
/// <param name="payload">Its payload, in the memory of its sender.</param>
/// <param name="fragmentSize">The largest payload of a frame; 0 for one frame.</param>
/// <param name="deflater">What compresses it when its turn comes; null to send it as it is.</param>
internal sealed class WaitingMessage(
    WebSocketRole role,
    Opcode opcode,
    ReadOnlyMemory<byte> payload,
    int fragmentSize,
    MessageDeflater? deflater = null)
{
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ReadOnlyMemory<byte> _payload = payload;
    private FrameWriter _writer = new(role, opcode, payload.Length, fragmentSize);
    private byte[]? _deflated;

    /// <summary>Tells whether a part was written, so that the rest has to follow.</summary>
    public bool IsBegun { get; private set; }

    /// <summary>Tells whether a control frame may come before the next byte.</summary>
    public bool IsBetweenFrames => _writer.IsBetweenFrames;

    /// <summary>A room above which more does not help the next write.</summary>
    public int MostBytes => (int)Math.Min(FrameWriter.WireLength(role, _payload.Length, fragmentSize), int.MaxValue);

    /// <summary>How many bytes have to come before a control frame may.</summary>
    public int FrameRemaining => _writer.FrameRemaining;

    /// <summary>Compresses the message, if it is to be, when its turn has come. From then on it cannot be taken
    /// back: later ones may refer to it.</summary>
    public void Begin()
    {
        if (IsBegun || deflater is null) return;
        IsBegun = true;
        _deflated = deflater.Deflate(_payload.Span, out int length);
        if (_deflated is null) return;
        _payload = _deflated.AsMemory(0, length);
        _writer = new FrameWriter(role, opcode, length, fragmentSize, compressed: true);
    }

    /// <summary>Writes as much as there is room for, and answers how much.</summary>
    public int Write(Span<byte> destination)
    {
        int written = _writer.Write(_payload.Span, destination);
        IsBegun |= written > 0;
        return written;
    }

    /// <summary>Completes when the last byte has room.</summary>
    public Task Done => _done.Task;

    /// <summary>Writes the header of a frame whose payload is large and can leave as it is:
    /// <paramref name="direct"/>.</summary>
    public bool TryBeginDirect(Span<byte> destination, out int written, out ReadOnlyMemory<byte> direct)
    {
        (written, direct) = (0, default);
        if (!_writer.TryWriteHeader(destination, Sender.LargePayload, out written, out Range range)) return false;
        IsBegun = true;
        direct = _payload[range];
        return true;
    }

    /// <summary>Tells whether nothing is left to write, and completes the wait.</summary>
    public bool TryFinish()
    {
        if (!IsBegun || !_writer.IsDone) return false;
        if (_deflated is not null) ArrayPool<byte>.Shared.Return(_deflated);
        _deflated = null;
        _done.TrySetResult();
        return true;
    }

    /// <summary>Ends the wait with an error.</summary>
    public void Fail(Exception error) => _done.TrySetException(error);

    /// <summary>Ends the wait by a cancellation.</summary>
    public void Cancel(CancellationToken token) => _done.TrySetCanceled(token);
}
