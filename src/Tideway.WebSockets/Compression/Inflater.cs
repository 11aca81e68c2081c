namespace Tideway.WebSockets.Compression;

/// <summary>Decompresses messages that come in pieces, as RFC 7692 §7.2.2 has it. For one thread at a time.</summary>
/// <param name="windowBits">How far back messages may refer, as a power of two. The largest window reads what smaller
/// ones have written, and costs no more: zlib-ng allocates it anyway.</param>
internal sealed class Inflater(int windowBits = 15) : IDisposable
{
    private readonly ZlibHandle _handle = ZlibHandle.Inflate(windowBits);

    // The last block said that it is the last: what follows begins a new stream.
    private bool _ended;

    // The tail that senders leave out, and one byte more, which shows where a block ends.
    private static ReadOnlySpan<byte> TailAndProbe => [0, 0, 0xFF, 0xFF, 0];

    /// <summary>Decompresses as far as there is room. All of the input is taken, and nothing is left inside, once room
    /// is left.</summary>
    /// <returns>False when the data is not DEFLATE data.</returns>
    public bool TryInflate(ref ReadOnlySpan<byte> input, scoped Span<byte> output, out int written)
    {
        written = 0;
        while (true)
        {
            // A last block inside a message is legal (RFC 7692 §7.2.3.4). What came before it is forgotten.
            if (_ended && !input.IsEmpty) Reset();
            if (_ended) return true;
            int result = Inflate(ref input, output[written..], Zlib.SyncFlush, out int more);
            written += more;
            if (result is not (Zlib.Ok or Zlib.BufferError or Zlib.StreamEnd)) return false;
            _ended = result == Zlib.StreamEnd;
            if (!_ended || written == output.Length) return true;
        }
    }

    /// <summary>Ends a message of which all was decompressed, and tells whether it was whole.</summary>
    public bool TryEndMessage()
    {
        if (_ended) return true;

        // RFC 7692 §7.2.1: the message ends inside the header of an empty block, which the tail completes. So zlib has
        // to stop there, before the probe, and to write nothing.
        ReadOnlySpan<byte> input = TailAndProbe;
        Span<byte> output = stackalloc byte[1];
        return Inflate(ref input, output, Zlib.StopAtBlock, out int written) == Zlib.Ok
            && input.Length == 1 && written == 0;
    }

    /// <summary>Forgets everything, errors too.</summary>
    public unsafe void Reset()
    {
        ZlibStream stream = _handle.Lend(null, 0, null, 0);
        int result = Zlib.InflateReset(&stream, windowBits);
        GC.KeepAlive(_handle);
        if (result != Zlib.Ok) throw ZlibHandle.Failure(result);
        _ended = false;
    }

    /// <inheritdoc/>
    public void Dispose() => _handle.Dispose();

    private unsafe int Inflate(ref ReadOnlySpan<byte> input, scoped Span<byte> output, int flush, out int written)
    {
        ZlibStream stream;
        int result;
        fixed (byte* from = input, to = output)
        {
            stream = _handle.Lend(from, input.Length, to, output.Length);
            result = Zlib.Inflate(&stream, flush);
            GC.KeepAlive(_handle);
        }

        input = input[^(int)stream.AvailableIn..];
        written = output.Length - (int)stream.AvailableOut;
        return result;
    }
}
