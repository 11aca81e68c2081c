using System.IO.Compression;

namespace Tideway.Testing.Wire;

/// <summary>Compresses messages (RFC 7692 §7.2.1), with the platform's stream and not the product's.</summary>
/// <param name="keepsContext">Whether a message refers to those before it.</param>
/// <param name="level">How well to compress.</param>
public sealed class Deflater(bool keepsContext, CompressionLevel level = CompressionLevel.Optimal)
{
    private MemoryStream? _output;
    private DeflateStream? _stream;

    /// <summary>Compresses a message.</summary>
    /// <param name="message">What it carries.</param>
    /// <returns>The payload of its frame or frames, of which the first has RSV1.</returns>
    public byte[] Deflate(ReadOnlySpan<byte> message)
    {
        if (!keepsContext || _stream is null)
        {
            _output = new MemoryStream();
            _stream = new DeflateStream(_output, level, leaveOpen: true);
        }

        int start = (int)_output!.Length;
        _stream.Write(message);
        _stream.Flush();
        if (_output.Length == start) return [0]; // Nothing was written: an empty block (RFC 7692 §7.2.3.6).
        return _output.ToArray()[start..^4];
    }
}
