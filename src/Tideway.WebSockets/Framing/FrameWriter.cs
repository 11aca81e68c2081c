using System.Diagnostics;

namespace Tideway.WebSockets.Framing;

/// <summary>Writes one message as frames, as much at a time as there is room for. A mutable value; pure over
/// spans.</summary>
internal struct FrameWriter(
    WebSocketRole role, Opcode opcode, int payloadLength, int fragmentSize, bool compressed = false)
{
    private int _written;
    private int _frameRemaining;
    private uint _maskKey;
    private bool _begun;

    /// <summary>Tells whether the last byte of the message was written.</summary>
    public readonly bool IsDone => _begun && _frameRemaining == 0 && _written == payloadLength;

    /// <summary>Tells whether the next byte begins a frame, so that a control frame may come before it.</summary>
    public readonly bool IsBetweenFrames => _frameRemaining == 0;

    /// <summary>How many bytes of a frame that was begun are still to be written.</summary>
    public readonly int FrameRemaining => _frameRemaining;

    /// <summary>Tells how many bytes a message takes on the wire.</summary>
    public static long WireLength(WebSocketRole role, int payloadLength, int fragmentSize)
    {
        bool masked = role == WebSocketRole.Client;
        if (fragmentSize == 0 || payloadLength <= fragmentSize)
            return FrameHeader.HeaderLength(payloadLength, masked) + payloadLength;

        int full = (payloadLength - 1) / fragmentSize;
        int last = payloadLength - full * fragmentSize;
        return payloadLength + (long)full * FrameHeader.HeaderLength(fragmentSize, masked)
            + FrameHeader.HeaderLength(last, masked);
    }

    /// <summary>Writes the next bytes and answers how many: less than there is room for when a header does not
    /// fit.</summary>
    /// <param name="payload">The whole payload, the same at every call.</param>
    /// <param name="destination">Where to write.</param>
    public int Write(ReadOnlySpan<byte> payload, Span<byte> destination)
    {
        Debug.Assert(payload.Length == payloadLength);
        int offset = 0;
        while (!IsDone)
        {
            if (_frameRemaining == 0)
            {
                int header = BeginFrame(destination[offset..]);
                if (header == 0) return offset;
                offset += header;
            }

            int piece = Math.Min(_frameRemaining, destination.Length - offset);
            Span<byte> target = destination.Slice(offset, piece);
            payload.Slice(_written, piece).CopyTo(target);
            if (role == WebSocketRole.Client) _maskKey = Masking.Apply(target, _maskKey);
            _written += piece;
            _frameRemaining -= piece;
            offset += piece;
            if (_frameRemaining > 0) return offset;
        }

        return offset;
    }

    /// <summary>Writes only the header of the next frame, if that is at least so large and not masked.</summary>
    /// <param name="destination">At least <see cref="FrameHeader.MaxLength"/> bytes.</param>
    /// <param name="smallest">The smallest payload that the caller wants to write itself.</param>
    /// <param name="written">The length of the header.</param>
    /// <param name="payload">Which part of the payload comes next on the wire; it counts as written.</param>
    public bool TryWriteHeader(Span<byte> destination, int smallest, out int written, out Range payload)
    {
        (written, payload) = (0, default);
        if (_frameRemaining > 0 || IsDone || role == WebSocketRole.Client || NextLength() < smallest) return false;
        written = BeginFrame(destination);
        payload = new Range(_written, _written + _frameRemaining);
        _written += _frameRemaining;
        _frameRemaining = 0;
        return true;
    }

    private readonly int NextLength()
    {
        int length = payloadLength - _written;
        return fragmentSize > 0 && length > fragmentSize ? fragmentSize : length;
    }

    /// <summary>Writes a header and answers its length; 0 when there is no room for it.</summary>
    private int BeginFrame(Span<byte> destination)
    {
        int length = NextLength();
        bool masked = role == WebSocketRole.Client;
        if (destination.Length < FrameHeader.HeaderLength(length, masked)) return 0;

        // RFC 6455 §5.4: the first frame names the kind, the others continue it, the last one has FIN.
        _maskKey = masked ? MaskKeys.Next() : 0;
        var header = new FrameHeader(
            _written + length == payloadLength,
            _begun ? Opcode.Continuation : opcode,
            masked,
            _maskKey,
            length,
            compressed && !_begun);
        _begun = true;
        _frameRemaining = length;
        return header.Write(destination);
    }
}
