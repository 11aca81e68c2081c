using System.Buffers.Binary;

namespace Tideway.Testing.Wire;

/// <summary>Reads the frames of the other end, and fails at each that it must not send (RFC 6455 §5).</summary>
internal sealed class FrameReader(ByteReader bytes, bool masked)
{
    /// <summary>Whether an extension gives RSV1 a meaning on the first frame of a message.</summary>
    public bool TakesReserved1 { get; set; }

    /// <summary>Reads the next frame; null at the end of the transport.</summary>
    public async Task<Frame?> ReadAsync()
    {
        if (await bytes.ReadAsync(2) is not { } head) return null;
        int opcode = head[0] & 0xF;
        int reserved = (head[0] >> 4) & 0x7;
        bool fin = (head[0] & 0x80) != 0;
        Check(opcode is <= 2 or >= 8 and <= 10, $"A frame has the reserved opcode {opcode:X}.");
        bool mayReserve = TakesReserved1 && opcode is Frame.TextOpcode or Frame.BinaryOpcode;
        Check(reserved == 0 || (reserved == 4 && mayReserve), $"A frame has the reserved bits {reserved}.");
        bool isMasked = (head[1] & 0x80) != 0;
        Check(isMasked == masked, masked ? "A client frame is not masked." : "A server frame is masked.");

        ulong length = (ulong)(head[1] & 0x7F);
        if (opcode >= 8) Check(fin && length <= 125, "A control frame is fragmented or longer than 125 bytes.");
        if (length == 126)
        {
            length = BinaryPrimitives.ReadUInt16BigEndian(await MustReadAsync(2));
            Check(length > 125, $"The length {length} takes 16 bits.");
        }
        else if (length == 127)
        {
            length = BinaryPrimitives.ReadUInt64BigEndian(await MustReadAsync(8));
            Check(length > ushort.MaxValue, $"The length {length} takes 64 bits.");
            Check(length <= 1 << 28, $"A frame of {length} bytes is more than any test asks for.");
        }

        uint key = masked ? BinaryPrimitives.ReadUInt32BigEndian(await MustReadAsync(4)) : 0;
        byte[] payload = await MustReadAsync((int)length);
        if (masked) Frame.ApplyMask(payload, key);
        return new Frame(opcode, payload) { Fin = fin, Reserved = reserved, Key = key };
    }

    private static void Check(bool right, string wrong)
    {
        if (!right) throw new WireException(wrong);
    }

    private async Task<byte[]> MustReadAsync(int count) =>
        await bytes.ReadAsync(count) ?? throw new WireException("The transport ended inside a frame.");
}
