using System.Buffers.Binary;

namespace Tideway.WebSockets.Framing;

/// <summary>Looks for the peer's close frame in bytes that are otherwise discarded, after our own close was
/// sent.</summary>
/// <remarks>
/// It holds no payload and judges nothing: a peer that broke a rule may break more, and all that matters now is the
/// moment at which it, too, has finished. The bytes may come in any pieces.
/// </remarks>
internal sealed class CloseScanner
{
    private HeaderBytes _header;
    private int _headerLength;
    private long _skip;
    private bool _closing;

    /// <summary>Starts inside a frame of which this many bytes are still to come; 0 between two frames.</summary>
    public CloseScanner(long frameRemaining) => _skip = frameRemaining;

    /// <summary>Takes the next bytes; true when a close frame was passed.</summary>
    public bool Scan(ReadOnlySpan<byte> input)
    {
        while (true)
        {
            int skipped = (int)Math.Min(_skip, input.Length);
            _skip -= skipped;
            input = input[skipped..];
            if (_skip == 0 && _closing) return true;
            if (input.IsEmpty) return false;

            _header[_headerLength++] = input[0];
            input = input[1..];
            if (_headerLength == HeaderLength()) PassHeader();
        }
    }

    private int HeaderLength()
    {
        if (_headerLength < 2) return 2;
        int extended = (_header[1] & 0x7F) switch { 126 => 2, 127 => 8, _ => 0 };
        return 2 + extended + ((_header[1] & 0x80) != 0 ? 4 : 0);
    }

    private void PassHeader()
    {
        ReadOnlySpan<byte> extended = ((ReadOnlySpan<byte>)_header)[2..];
        _skip = (_header[1] & 0x7F) switch
        {
            126 => BinaryPrimitives.ReadUInt16BigEndian(extended),
            127 => BinaryPrimitives.ReadInt64BigEndian(extended) & long.MaxValue,
            int length => length,
        };
        _closing = (_header[0] & 0xF) == (int)Opcode.Close;
        _headerLength = 0;
    }

    [System.Runtime.CompilerServices.InlineArray(FrameHeader.MaxLength)]
    private struct HeaderBytes
    {
        private byte _first;
    }
}
