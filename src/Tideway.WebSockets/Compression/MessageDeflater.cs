using System.Buffers;

namespace Tideway.WebSockets.Compression;

/// <summary>Compresses what one connection sends. For one thread at a time; the counts are safe from any.</summary>
/// <param name="level">How hard to try, 1 to 9.</param>
/// <param name="windowBits">The size of the window, as a power of two; 8 is one that zlib cannot keep to.</param>
/// <param name="keepsContext">Whether messages refer to earlier ones, which takes a deflater of the connection's
/// own.</param>
/// <param name="minSize">The smallest message to compress.</param>
internal sealed class MessageDeflater(int level, int windowBits, bool keepsContext, int minSize) : IDisposable
{
    private Deflater? _own;
    private long _bytesIn;
    private long _bytesOut;

    /// <summary>Bytes of messages that were compressed.</summary>
    public long BytesIn => Volatile.Read(ref _bytesIn);

    /// <summary>Bytes that they became.</summary>
    public long BytesOut => Volatile.Read(ref _bytesOut);

    /// <summary>Tells whether a message of this length is worth it. An empty one never is.</summary>
    public bool Wants(int length) => length >= minSize && windowBits > 8;

    /// <summary>Compresses a message, in the order in which messages leave.</summary>
    /// <param name="message">The message, which is not empty.</param>
    /// <param name="length">How many bytes it has become.</param>
    /// <returns>A pooled array that begins with them, for the caller to give back; null when the message is to be sent
    /// as it is.</returns>
    public byte[]? Deflate(ReadOnlySpan<byte> message, out int length)
    {
        byte[] deflated = keepsContext ? DeflateOwn(message, out length) : DeflateShared(message, out length);

        // With a context, the peer has to be given what later messages may refer to.
        if (!keepsContext && length >= message.Length)
        {
            ArrayPool<byte>.Shared.Return(deflated);
            return null;
        }

        _bytesIn += message.Length;
        _bytesOut += length;
        return deflated;
    }

    /// <inheritdoc/>
    public void Dispose() => _own?.Dispose();

    private byte[] DeflateOwn(ReadOnlySpan<byte> message, out int length) =>
        (_own ??= new Deflater(level, windowBits)).Deflate(message, keepsContext: true, out length);

    private byte[] DeflateShared(ReadOnlySpan<byte> message, out int length)
    {
        IdlePool<Deflater> pool = CodecPools.Deflaters(level, windowBits);
        Deflater deflater = pool.Take(); // One that fails is left to its finalizer.
        byte[] deflated = deflater.Deflate(message, keepsContext: false, out length);
        pool.Return(deflater);
        return deflated;
    }
}
