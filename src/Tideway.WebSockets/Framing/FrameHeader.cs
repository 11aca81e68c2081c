using System.Buffers.Binary;
using System.Diagnostics;

namespace Tideway.WebSockets.Framing;

/// <summary>Says how far <see cref="FrameHeader.TryParse"/> came.</summary>
public enum FrameStatus
{
    /// <summary>The header is complete and legal.</summary>
    Complete,

    /// <summary>The header is legal so far; more bytes are needed.</summary>
    NeedMore,

    /// <summary>The header breaks the protocol, whatever follows; the connection is to be failed with 1002.</summary>
    Violation,
}

/// <summary>The header of one WebSocket frame (RFC 6455 §5.2), and its codec. Immutable.</summary>
/// <remarks>
/// <code>
///   0                   1                   2                   3
///   0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
///  +-+-+-+-+-------+-+-------------+-------------------------------+
///  |F|R|R|R| opcode|M| length (7)  |  length (16 or 64 bits,       |
///  |I|S|S|S|  (4)  |A|             |  if the 7 bits say 126 or 127)|
///  |N|V|V|V|       |S|             |                               |
///  | |1|2|3|       |K|             |                               |
///  +-+-+-+-+-------+-+-------------+-------------------------------+
///  |  masking key (32 bits, if MASK is set)                        |
///  +---------------------------------------------------------------+
/// </code>
/// </remarks>
public readonly struct FrameHeader
{
    /// <summary>The longest header: two bytes, a 64-bit length and a masking key.</summary>
    public const int MaxLength = 14;

    /// <summary>The longest payload of a control frame, in bytes (RFC 6455 §5.5).</summary>
    public const int MaxControlPayload = 125;

    private const int FinBit = 0x80;
    private const int ReservedBits = 0x70;
    private const int CompressedBit = 0x40; // RSV1, by RFC 7692 §6.
    private const int MaskBit = 0x80;
    private const int ControlBit = 0x8;

    private readonly byte _first;

    /// <summary>Describes a frame.</summary>
    /// <param name="fin">Whether it is the last of its message.</param>
    /// <param name="opcode">What it carries.</param>
    /// <param name="masked">Whether the payload is masked.</param>
    /// <param name="maskKey">The masking key; 0 when not masked.</param>
    /// <param name="payloadLength">The length of the payload in bytes.</param>
    /// <param name="compressed">Whether it begins a compressed message.</param>
    public FrameHeader(
        bool fin, Opcode opcode, bool masked, uint maskKey, long payloadLength, bool compressed = false)
        : this(
            (byte)((fin ? FinBit : 0) | (compressed ? CompressedBit : 0) | (byte)opcode),
            masked,
            maskKey,
            payloadLength)
    {
    }

    private FrameHeader(byte first, bool masked, uint maskKey, long payloadLength)
    {
        _first = first;
        Masked = masked;
        MaskKey = maskKey;
        PayloadLength = payloadLength;
    }

    /// <summary>Tells whether this frame is the last of its message.</summary>
    public bool Fin => (_first & FinBit) != 0;

    /// <summary>What the frame carries.</summary>
    public Opcode Opcode => (Opcode)(_first & 0xF);

    /// <summary>Tells whether the frame is a close, ping or pong (RFC 6455 §5.5).</summary>
    public bool IsControl => (_first & ControlBit) != 0;

    /// <summary>Tells whether the frame begins a compressed message (RFC 7692 §6).</summary>
    public bool Compressed => (_first & CompressedBit) != 0;

    /// <summary>Tells whether the payload is masked.</summary>
    public bool Masked { get; }

    /// <summary>The masking key, its first byte on the wire in the lowest eight bits; 0 when not masked.</summary>
    public uint MaskKey { get; }

    /// <summary>The length of the payload in bytes.</summary>
    public long PayloadLength { get; }

    /// <summary>The length of the header itself in bytes, always the shortest form that holds the payload
    /// length.</summary>
    public int Length => HeaderLength(PayloadLength, Masked);

    /// <summary>Tells how many bytes the header of a frame with this payload takes.</summary>
    public static int HeaderLength(long payloadLength, bool masked) =>
        2 + (payloadLength <= 125 ? 0 : payloadLength <= ushort.MaxValue ? 2 : 8) + (masked ? 4 : 0);

    /// <summary>Parses a header as early as its bytes allow, and refuses everything that RFC 6455 §5.2
    /// forbids.</summary>
    /// <param name="source">The bytes of the frame received so far.</param>
    /// <param name="masked">Tells whether the peer has to mask its frames: true on a server (RFC 6455 §5.1).</param>
    /// <param name="header">The header, when the answer is <see cref="FrameStatus.Complete"/>.</param>
    /// <param name="violation">What is wrong, when the answer is <see cref="FrameStatus.Violation"/>.</param>
    /// <param name="mayCompress">Tells whether the handshake has agreed on compressed messages.</param>
    public static FrameStatus TryParse(
        ReadOnlySpan<byte> source,
        bool masked,
        out FrameHeader header,
        out string? violation,
        bool mayCompress = false)
    {
        header = default;
        violation = null;
        if (source.IsEmpty) return FrameStatus.NeedMore;

        byte first = source[0];
        if ((violation = FirstByteViolation(first, mayCompress)) is not null) return FrameStatus.Violation;
        if (source.Length < 2) return FrameStatus.NeedMore;

        byte second = source[1];
        if (((second & MaskBit) != 0) != masked)
        {
            violation = masked ? "a client frame is not masked" : "a server frame is masked";
            return FrameStatus.Violation;
        }

        int length7 = second & 0x7F;
        if ((first & ControlBit) != 0 && length7 > MaxControlPayload)
        {
            violation = "a control frame is longer than 125 bytes"; // RFC 6455 §5.5
            return FrameStatus.Violation;
        }

        int offset = 2;
        long length = length7;
        if (length7 > 125)
        {
            offset += length7 == 126 ? 2 : 8;
            if (source.Length < offset) return FrameStatus.NeedMore;
            length = length7 == 126
                ? BinaryPrimitives.ReadUInt16BigEndian(source[2..])
                : BinaryPrimitives.ReadInt64BigEndian(source[2..]);

            // RFC 6455 §5.2: the most significant bit is 0, and the minimal number of bytes is used.
            if (length < 0) violation = "a frame length has its most significant bit set";
            else if (length <= (length7 == 126 ? 125 : ushort.MaxValue)) violation = "a frame length is not minimal";
            if (violation is not null) return FrameStatus.Violation;
        }

        uint key = 0;
        if (masked)
        {
            if (source.Length < offset + 4) return FrameStatus.NeedMore;
            key = BinaryPrimitives.ReadUInt32LittleEndian(source[offset..]);
        }

        header = new FrameHeader(first, masked, key, length);
        return FrameStatus.Complete;
    }

    /// <summary>Writes the header and answers its length.</summary>
    /// <param name="destination">At least <see cref="Length"/> bytes.</param>
    public int Write(Span<byte> destination)
    {
        Debug.Assert(PayloadLength >= 0);
        int mask = Masked ? MaskBit : 0;
        int offset = 2;
        destination[0] = _first;
        if (PayloadLength <= 125)
        {
            destination[1] = (byte)(mask | (int)PayloadLength);
        }
        else if (PayloadLength <= ushort.MaxValue)
        {
            destination[1] = (byte)(mask | 126);
            BinaryPrimitives.WriteUInt16BigEndian(destination[2..], (ushort)PayloadLength);
            offset = 4;
        }
        else
        {
            destination[1] = (byte)(mask | 127);
            BinaryPrimitives.WriteInt64BigEndian(destination[2..], PayloadLength);
            offset = 10;
        }

        if (!Masked) return offset;
        BinaryPrimitives.WriteUInt32LittleEndian(destination[offset..], MaskKey);
        return offset + 4;
    }

    private static string? FirstByteViolation(byte first, bool mayCompress)
    {
        // RFC 6455 §5.2: reserved bits are 0 unless an extension gives them a meaning. RFC 7692 §6.1 gives RSV1 one
        // where a message begins.
        int opcode = first & 0xF;
        bool mayBeCompressed = mayCompress && opcode is (int)Opcode.Text or (int)Opcode.Binary;
        int reserved = mayBeCompressed ? ReservedBits & ~CompressedBit : ReservedBits;
        if ((first & reserved) != 0) return "a reserved bit is set";
        if ((opcode & 0x7) > 2) return "the opcode is reserved";

        // RFC 6455 §5.5: control frames are not fragmented.
        if ((opcode & ControlBit) != 0 && (first & FinBit) == 0) return "a control frame is fragmented";
        return null;
    }
}
