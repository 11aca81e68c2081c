using System.Buffers;

namespace Tideway.WebSockets.Connections;

/// <summary>Stands between a received message's <see cref="Message.Data"/> and where its bytes are at the
/// moment.</summary>
/// <remarks>
/// The bytes are read where they arrived, in a buffer that the channel uses again after the present turn. So when the
/// turn ends, or another thread asks, what is still held is <em>rescued</em>: copied to an array of its own, to which
/// this object then points. A span taken inside the turn stays right until the turn ends, since it cannot outlive it.
/// An array that was given out beyond that (to another thread, pinned, or as an array) is never used again for anything
/// else: not even an application that keeps it too long can see another connection's bytes.
/// </remarks>
internal sealed class MessageOwner(Channel channel) : MemoryManager<byte>
{
    private byte[] _array = [];
    private int _start;
    private int _length;
    private byte[]? _own;
    private bool _isGivenOut;
    private volatile bool _isShared;
    private volatile bool _isAskedElsewhere;

    /// <summary>Points to a message in a buffer that others use, too, once the turn is over.</summary>
    public ReadOnlyMemory<byte> PointToShared(byte[] buffer, int start, int length)
    {
        (_array, _start, _length, _isShared) = (buffer, start, length, true);
        return CreateMemory(length);
    }

    /// <summary>Points to a message in a pooled array that is this message's alone.</summary>
    public ReadOnlyMemory<byte> PointToOwn(byte[] array, int length)
    {
        (_array, _start, _length, _own) = (array, 0, length, array);
        return CreateMemory(length);
    }

    /// <summary>Gives up the message: what the application still holds of it is empty from now on.</summary>
    public void Release()
    {
        byte[]? own = _own;
        _own = null;
        _isShared = false;
        if (_isAskedElsewhere) WaitForOthers();
        (_array, _start, _length) = ([], 0, 0);
        if (own is not null) LetGo(own);
    }

    /// <summary>Copies the message out of a shared buffer, if it is in one. On the channel's context.</summary>
    public void Rescue()
    {
        if (!_isShared) return;
        lock (this) CopyOut();
    }

    /// <inheritdoc/>
    public override Span<byte> GetSpan() => channel.IsCurrent ? _array.AsSpan(_start, _length) : GiveOut();

    /// <inheritdoc/>
    public override MemoryHandle Pin(int elementIndex = 0) => GiveOut().AsMemory(elementIndex).Pin();

    /// <inheritdoc/>
    public override void Unpin()
    {
    }

    /// <inheritdoc/>
    protected override bool TryGetArray(out ArraySegment<byte> segment)
    {
        segment = GiveOut();
        return true;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing) => Release();

    /// <summary>Answers an array with the message that nobody will use again; an empty one after
    /// <see cref="Release"/>.</summary>
    private ArraySegment<byte> GiveOut()
    {
        lock (this)
        {
            _isAskedElsewhere = true;

            // Makes every other thread pass a full barrier. So either the channel's thread, when it releases, sees the
            // line
            // above and waits for us, or we see that it has released. It needs no barrier of its own for each message.
            Interlocked.MemoryBarrierProcessWide();
            if (_isShared) CopyOut();
            ArraySegment<byte> given = _own is null ? [] : new ArraySegment<byte>(_own, 0, _length);
            _isGivenOut = _own is not null;
            _isAskedElsewhere = false;
            return given;
        }
    }

    private void WaitForOthers()
    {
        lock (this) _own = null; // What was copied meanwhile was given out.
    }

    private void CopyOut()
    {
        if (!_isShared) return;
        byte[] copy = ArrayPool<byte>.Shared.Rent(_length);
        _array.AsSpan(_start, _length).CopyTo(copy);
        (_array, _start, _own) = (copy, 0, copy);
        _isShared = false;
    }

    private void LetGo(byte[] own)
    {
        if (!_isGivenOut && own.Length > 0) ArrayPool<byte>.Shared.Return(own);
        _isGivenOut = false;
    }
}
