using System.Numerics;
using Tideway.WebSockets.Framing;

namespace Tideway.Fuzz.Targets;

/// <summary>A frame header as RFC 6455 §5.2 has it, read one bit field after the other: slow and obvious.</summary>
/// <remarks>All but the status has a meaning only when the header is complete.</remarks>
internal sealed record ReferenceHeader(
    FrameStatus Status,
    int Length = 0,
    bool Fin = false,
    int Opcode = 0,
    byte[]? Mask = null,
    BigInteger PayloadLength = default)
{
    private static readonly ReferenceHeader _needMore = new(FrameStatus.NeedMore);
    private static readonly ReferenceHeader _violation = new(FrameStatus.Violation);

    public bool IsControl => Opcode >= 8;

    public static ReferenceHeader Read(ReadOnlySpan<byte> bytes, bool mustBeMasked)
    {
        if (bytes.Length < 1) return _needMore;
        bool fin = bytes[0] / 128 == 1;
        int reserved = bytes[0] / 16 % 8;
        int opcode = bytes[0] % 16;
        if (reserved != 0) return _violation;
        if (opcode is not (0 or 1 or 2 or 8 or 9 or 10)) return _violation;
        if (opcode >= 8 && !fin) return _violation;

        if (bytes.Length < 2) return _needMore;
        bool isMasked = bytes[1] / 128 == 1;
        int length7 = bytes[1] % 128;
        if (isMasked != mustBeMasked) return _violation;
        if (opcode >= 8 && length7 > 125) return _violation;

        int extended = length7 switch { 126 => 2, 127 => 8, _ => 0 };
        if (bytes.Length < 2 + extended) return _needMore;
        BigInteger length = extended == 0 ? length7 : 0;
        foreach (byte digit in bytes.Slice(2, extended)) length = (length * 256) + digit;
        if (length >= BigInteger.Pow(2, 63)) return _violation;
        if (extended == 2 && length < 126) return _violation;
        if (extended == 8 && length < 65536) return _violation;

        int end = 2 + extended + (isMasked ? 4 : 0);
        if (bytes.Length < end) return _needMore;
        return new ReferenceHeader(
            FrameStatus.Complete, end, fin, opcode, bytes[(2 + extended)..end].ToArray(), length);
    }
}
