using System.Diagnostics;

namespace Tideway.WebSockets.Framing;

/// <summary>Writes one message as frames, as much at a time as there is room for. A mutable value; pure over spans.</summary>
internal struct FrameWriter(WebSocketRole role, Opcode opcode, int payloadLength, int fragmentSize)
{
    private int _written;
    private int _frameRemaining;
    private uint _maskKey;
    private bool _begun;

    /// <summary>Tells whether the last byte of the message was written.</summary>
    public readonly bool IsDone => _begun && _frameRemaining == 0 && _written == payloadLength;

    /// <summary>Tells whether the next byte begins a frame, so that a control frame may come before it.</summary>
    public readonly bool IsBetweenFrames => _frameRemaining == 0;

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

    /// <summary>Writes the next bytes and answers how many: less than there is room for when a header does not fit.</summary>
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
                int length = payloadLength - _written;
                if (fragmentSize > 0 && length > fragmentSize) length = fragmentSize;
                bool masked = role == WebSocketRole.Client;
                if (destination.Length - offset < FrameHeader.HeaderLength(length, masked)) return offset;

                // RFC 6455 §5.4: the first frame names the kind, the others continue it, the last one has FIN.
                _maskKey = masked ? MaskKeys.Next() : 0;
                var header = new FrameHeader(
                    _written + length == payloadLength, _begun ? Opcode.Continuation : opcode, masked, _maskKey, length);
                offset += header.Write(destination[offset..]);
                _begun = true;
                _frameRemaining = length;
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
}
