namespace Tideway.WebSockets.Compression;

/// <summary>Decompresses what one connection receives. For one thread at a time; the counts are safe from
/// any.</summary>
/// <param name="keepsContext">Whether messages refer to earlier ones, which takes an inflater of the connection's
/// own.</param>
internal sealed class MessageInflater(bool keepsContext) : IDisposable
{
    private Inflater? _inflater;
    private long _bytesIn;
    private long _bytesOut;
    private bool _isDisposed;

    /// <summary>Bytes of compressed messages that were received.</summary>
    public long BytesIn => Volatile.Read(ref _bytesIn);

    /// <summary>Bytes that they became.</summary>
    public long BytesOut => Volatile.Read(ref _bytesOut);

    /// <summary>Decompresses the next bytes of a message, as far as there is room; to be called again while none is
    /// left.</summary>
    /// <returns>False when they cannot be decompressed.</returns>
    public bool TryInflate(ref ReadOnlySpan<byte> input, scoped Span<byte> output, out int written)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        _inflater ??= keepsContext ? new Inflater() : CodecPools.Inflaters.Take();
        int length = input.Length;
        bool isRight = _inflater.TryInflate(ref input, output, out written);
        _bytesIn += length - input.Length;
        _bytesOut += written;
        return isRight;
    }

    /// <summary>Ends a message of which all was decompressed; false when it was not whole.</summary>
    public bool TryEndMessage()
    {
        // Even an empty message has a byte.
        bool isWhole = _inflater?.TryEndMessage() == true;
        if (!keepsContext) GiveBack();
        return isWhole;
    }

    /// <summary>Gives all memory back; nothing more is decompressed.</summary>
    public void Dispose()
    {
        _isDisposed = true;
        if (keepsContext) _inflater?.Dispose();
        else GiveBack();
    }

    private void GiveBack()
    {
        if (_inflater is null) return;
        _inflater.Reset();
        CodecPools.Inflaters.Return(_inflater);
        _inflater = null;
    }
}
