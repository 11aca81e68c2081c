using System.IO.Compression;

namespace Tideway.Conformance.Wire;

/// <summary>Compresses messages as the peer of the end under test does (RFC 7692 §7.2.1).</summary>
internal sealed class Deflater(bool keepsContext, CompressionLevel level = CompressionLevel.Optimal)
{
    private MemoryStream? _output;
    private DeflateStream? _stream;

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
