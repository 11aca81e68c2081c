using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace Tideway.Conformance.Wire;

/// <summary>One frame as a case wants it on the wire, legal or not. Immutable.</summary>
/// <remarks>A codec of the suite's own, so that no mistake of the product hides itself.</remarks>
internal sealed record Frame(int Opcode, byte[] Payload)
{
    public const int ContinuationCode = 0x0;
    public const int TextCode = 0x1;
    public const int BinaryCode = 0x2;
    public const int CloseCode = 0x8;
    public const int PingCode = 0x9;
    public const int PongCode = 0xA;

    public bool Fin { get; init; } = true;

    /// <summary>RSV1 to RSV3 as three bits, RSV1 the highest.</summary>
    public int Reserved { get; init; }

    public LengthForm Form { get; init; } = LengthForm.Shortest;

    /// <summary>The length that the header tells, where that is not the payload's.</summary>
    public ulong? DeclaredLength { get; init; }

    /// <summary>True to mask what a server sends, or not to mask what a client sends.</summary>
    public bool WronglyMasked { get; init; }

    /// <summary>The masking key, its first byte highest; of received frames, 0 when there was none.</summary>
    public uint Key { get; init; } = 0x37FA213D;

    public bool IsControl => (Opcode & 0x8) != 0;

    public static Frame Text(string text) => new(TextCode, Encoding.UTF8.GetBytes(text));

    public static Frame Text(byte[] payload) => new(TextCode, payload);

    public static Frame Binary(params byte[] payload) => new(BinaryCode, payload);

    public static Frame Continuation(params byte[] payload) => new(ContinuationCode, payload);

    public static Frame Continuation(string text) => Continuation(Encoding.UTF8.GetBytes(text));

    public static Frame Ping(params byte[] payload) => new(PingCode, payload);

    public static Frame Ping(string text) => Ping(Encoding.UTF8.GetBytes(text));

    public static Frame Pong(params byte[] payload) => new(PongCode, payload);

    public static Frame Close(params byte[] payload) => new(CloseCode, payload);

    public static Frame Close(int code, string reason = "") =>
        Close([(byte)(code >> 8), (byte)code, .. Encoding.UTF8.GetBytes(reason)]);

    /// <summary>The same, as a fragment that others follow.</summary>
    public Frame Unfinished() => this with { Fin = false };

    /// <summary>Writes the frame.</summary>
    /// <param name="masks">Whether this end has to mask.</param>
    public byte[] Encode(bool masks)
    {
        bool masked = masks != WronglyMasked;
        ulong length = DeclaredLength ?? (ulong)Payload.Length;
        LengthForm form = Form != LengthForm.Shortest ? Form
            : length <= 125 ? LengthForm.SevenBits
            : length <= ushort.MaxValue ? LengthForm.SixteenBits
            : LengthForm.SixtyFourBits;
        int extended = form switch { LengthForm.SixteenBits => 2, LengthForm.SixtyFourBits => 8, _ => 0 };
        byte[] bytes = new byte[2 + extended + (masked ? 4 : 0) + Payload.Length];
        int seven = form switch { LengthForm.SixteenBits => 126, LengthForm.SixtyFourBits => 127, _ => (int)length };
        bytes[0] = (byte)((Fin ? 0x80 : 0) | (Reserved << 4) | Opcode);
        bytes[1] = (byte)((masked ? 0x80 : 0) | seven);
        if (extended == 2) BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(2), (ushort)length);
        if (extended == 8) BinaryPrimitives.WriteUInt64BigEndian(bytes.AsSpan(2), length);
        Span<byte> body = bytes.AsSpan(bytes.Length - Payload.Length);
        Payload.CopyTo(body);
        if (!masked) return bytes;
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(2 + extended), Key);
        ApplyMask(body, Key);
        return bytes;
    }

    public override string ToString()
    {
        string name = Opcode switch
        {
            ContinuationCode => "continuation",
            TextCode => "text",
            BinaryCode => "binary",
            CloseCode => "close",
            PingCode => "ping",
            PongCode => "pong",
            _ => $"opcode {Opcode:X}",
        };
        return $"{name} of {Payload.Length} bytes{(Fin ? "" : ", unfinished")}";
    }

    /// <summary>Masks or unmasks, eight bytes at a time: some payloads are of many megabytes.</summary>
    public static void ApplyMask(Span<byte> payload, uint key)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, key);
        BinaryPrimitives.WriteUInt32BigEndian(bytes[4..], key);
        Span<ulong> words = MemoryMarshal.Cast<byte, ulong>(payload);
        ulong word = MemoryMarshal.Read<ulong>(bytes);
        for (int i = 0; i < words.Length; i++) words[i] ^= word;
        for (int i = words.Length * 8; i < payload.Length; i++) payload[i] ^= bytes[i & 3];
    }
}
