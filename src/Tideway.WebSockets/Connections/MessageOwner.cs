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
    // Changed on the channel's context only, so that it reads without a lock; by Rescue inside the lock, so that others
    // may read inside it, too.
    private byte[] _array = [];
    private int _start;
    private int _length;
    private bool _isShared;

    // What was given out: a copy, or the message's own array.
    private byte[]? _given;

    private volatile bool _isHeld;
    private volatile bool _isAskedElsewhere;

    /// <summary>The message that is held.</summary>
    public ReadOnlyMemory<byte> Held => CreateMemory(_length);

    /// <summary>Points to a message in a buffer that others use, too, once the turn is over.</summary>
    public ReadOnlyMemory<byte> PointToShared(byte[] buffer, int start, int length) =>
        PointTo(buffer, start, length, isShared: true);

    /// <summary>Points to a message in a pooled array that is this message's alone.</summary>
    public ReadOnlyMemory<byte> PointToOwn(byte[] array, int length) => PointTo(array, 0, length, isShared: false);

    /// <summary>Gives up the message: what the application still holds of it is empty from now on.</summary>
    public void Release()
    {
        if (!_isHeld) return;
        _isHeld = false;
        if (_isAskedElsewhere) WaitForOthers();
        if (!_isShared && _array != _given && _array.Length > 0) ArrayPool<byte>.Shared.Return(_array);
        (_array, _start, _length, _isShared, _given) = ([], 0, 0, false, null);
    }

    /// <summary>Copies the message out of a shared buffer, if it is in one. On the channel's context.</summary>
    public void Rescue()
    {
        if (!_isShared) return;
        lock (this)
        {
            byte[]? copy = _given;
            if (copy is null)
            {
                copy = ArrayPool<byte>.Shared.Rent(_length);
                _array.AsSpan(_start, _length).CopyTo(copy);
            }

            (_array, _start, _isShared) = (copy, 0, false);
        }
    }

    /// <inheritdoc/>
    public override Span<byte> GetSpan() => channel.IsCurrent ? _array.AsSpan(_start, _length) : GiveOut();

    /// <inheritdoc/>
    public override MemoryHandle Pin(int elementIndex = 0)
    {
        ArraySegment<byte> given = GiveOut();
        ObjectDisposedException.ThrowIf(given.Array is null, this);
        return given.AsMemory(elementIndex).Pin();
    }

    /// <inheritdoc/>
    public override void Unpin()
    {
    }

    /// <inheritdoc/>
    protected override bool TryGetArray(out ArraySegment<byte> segment)
    {
        segment = GiveOut();
        return segment.Array is not null;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing) => Release();

    private Memory<byte> PointTo(byte[] array, int start, int length, bool isShared)
    {
        (_array, _start, _length, _isShared) = (array, start, length, isShared);
        _isHeld = true; // Behind the others, for who still asks for the message before.
        return CreateMemory(length);
    }

    /// <summary>Answers an array with the message that nobody will use again; none after
    /// <see cref="Release"/>.</summary>
    private ArraySegment<byte> GiveOut()
    {
        lock (this)
        {
            _isAskedElsewhere = true;

            // Makes every other thread pass a full barrier. So either the channel's thread, when it releases, sees the
            // line above and waits for us, or we see that it has released. It needs no barrier of its own for each
            // message.
            if (!channel.IsCurrent) Interlocked.MemoryBarrierProcessWide();
            ArraySegment<byte> given = default;
            if (_isHeld)
            {
                _given ??= _isShared ? _array.AsSpan(_start, _length).ToArray() : _array;
                given = new ArraySegment<byte>(_given, 0, _length);
            }

            _isAskedElsewhere = false;
            return given;
        }
    }

    private void WaitForOthers()
    {
        lock (this)
        {
            // Whoever comes in from now on finds nothing to give out.
        }
    }
}
