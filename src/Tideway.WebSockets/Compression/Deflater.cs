using System.Buffers;
using System.Diagnostics;

namespace Tideway.WebSockets.Compression;

/// <summary>Compresses messages, one at a time, as RFC 7692 §7.2.1 has it. For one thread at a time.</summary>
internal sealed class Deflater(int level, int windowBits) : IDisposable
{
    private const int SmallestOutput = 256;

    // A flush ends with an empty block without compression, whose last bytes 00 00 FF FF are left out on the wire.
    private const int TailLength = 4;

    // The memory for symbols not written yet goes with the window: who wants small ones wants both small.
    private readonly ZlibHandle _handle = ZlibHandle.Deflate(level, windowBits, Math.Clamp(windowBits - 7, 1, 8));

    /// <summary>Compresses a message.</summary>
    /// <param name="message">The message, which is not empty.</param>
    /// <param name="keepsContext">Whether the next message may refer to this one.</param>
    /// <param name="length">How many bytes it has become.</param>
    /// <returns>A pooled array that begins with them, for the caller to give back.</returns>
    public byte[] Deflate(ReadOnlySpan<byte> message, bool keepsContext, out int length)
    {
        Debug.Assert(!message.IsEmpty);

        // A full flush forgets what came before at the price of a reset, which the runtime's library does not offer.
        int flush = keepsContext ? Zlib.SyncFlush : Zlib.FullFlush;
        byte[] output = ArrayPool<byte>.Shared.Rent(Math.Max(SmallestOutput, message.Length / 2));
        length = 0;
        try
        {
            while (true)
            {
                length += Deflate(ref message, output.AsSpan(length), flush);
                if (length < output.Length) break;
                output = Grow(output);
            }
        }
        catch
        {
            ArrayPool<byte>.Shared.Return(output);
            throw;
        }

        Debug.Assert(output.AsSpan(0, length).EndsWith((ReadOnlySpan<byte>)[0, 0, 0xFF, 0xFF]));
        length -= TailLength;
        return output;
    }

    /// <inheritdoc/>
    public void Dispose() => _handle.Dispose();

    /// <summary>Compresses as far as there is room, and answers how much was written. The flush is done once room is
    /// left.</summary>
    private unsafe int Deflate(ref ReadOnlySpan<byte> input, Span<byte> output, int flush)
    {
        ZlibStream stream;
        fixed (byte* from = input, to = output)
        {
            stream = _handle.Lend(from, input.Length, to, output.Length);
            int result = Zlib.Deflate(&stream, flush);
            GC.KeepAlive(_handle);
            if (result is not (Zlib.Ok or Zlib.BufferError)) throw ZlibHandle.Failure(result);
        }

        input = input[^(int)stream.AvailableIn..];
        return output.Length - (int)stream.AvailableOut;
    }

    private static byte[] Grow(byte[] output)
    {
        byte[] larger = ArrayPool<byte>.Shared.Rent(output.Length * 2);
        output.CopyTo(larger, 0);
        ArrayPool<byte>.Shared.Return(output);
        return larger;
    }
}
