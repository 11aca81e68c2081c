using System.Buffers;

namespace Tideway.WebSockets.Connections;

/// <summary>Stands between a received message's <see cref="Message.Data"/> and where its bytes are at the moment.</summary>
/// <remarks>
/// The bytes are read where they arrived, in a buffer that the channel uses again after the present turn. So when the
/// turn ends, or another thread asks, what is still held is <em>rescued</em>: copied to an array of its own, to which
/// this object then points. A span taken inside the turn stays right until the turn ends, since it cannot outlive it.
/// </remarks>
internal sealed class MessageOwner(Channel channel) : MemoryManager<byte>
{
    private readonly Lock _gate = new();
    private byte[] _array = [];
    private int _start;
    private int _length;
    private bool _isShared;
    private byte[]? _pooled;

    /// <summary>Points to a message in a buffer that others use, too, once the turn is over.</summary>
    public ReadOnlyMemory<byte> PointToShared(byte[] buffer, int start, int length)
    {
        (_array, _start, _length, _isShared) = (buffer, start, length, true);
        return CreateMemory(length);
    }

    /// <summary>Points to a message in an array that is this message's alone, and that goes back to the pool.</summary>
    public ReadOnlyMemory<byte> PointToPooled(byte[] array, int start, int length)
    {
        (_array, _start, _length, _isShared) = (array, start, length, false);
        _pooled = array;
        return CreateMemory(length);
    }

    /// <summary>Gives up the message: what the application still holds of it is empty from now on.</summary>
    public void Release()
    {
        if (_length == 0 && _pooled is null) return;
        (_array, _start, _length, _isShared) = ([], 0, 0, false);
        if (_pooled is null) return;
        if (_pooled.Length > 0) ArrayPool<byte>.Shared.Return(_pooled);
        _pooled = null;
    }

    /// <summary>Copies the message out of a shared buffer, if it is in one.</summary>
    public void Rescue()
    {
        if (!_isShared) return;
        lock (_gate)
        {
            if (!_isShared) return;
            byte[] copy = ArrayPool<byte>.Shared.Rent(_length);
            _array.AsSpan(_start, _length).CopyTo(copy);
            (_array, _start, _pooled) = (copy, 0, copy);
            Volatile.Write(ref _isShared, false);
        }
    }

    /// <inheritdoc/>
    public override Span<byte> GetSpan()
    {
        if (_isShared && !channel.IsCurrent) Rescue();
        return _array.AsSpan(_start, _length);
    }

    /// <inheritdoc/>
    public override MemoryHandle Pin(int elementIndex = 0)
    {
        Rescue();
        return _array.AsMemory(_start + elementIndex, _length - elementIndex).Pin();
    }

    /// <inheritdoc/>
    public override void Unpin()
    {
    }

    /// <inheritdoc/>
    protected override bool TryGetArray(out ArraySegment<byte> segment)
    {
        Rescue();
        segment = new ArraySegment<byte>(_array, _start, _length);
        return true;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing) => Release();
}
