using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace Tideway.Testing.Wire;

/// <summary>One frame as a test wants it on the wire, legal or not. Immutable.</summary>
/// <remarks>A codec of its own, so that no mistake of the product hides itself.</remarks>
/// <param name="Opcode">What it is, and any other four bits.</param>
/// <param name="Payload">What it carries, not masked.</param>
public sealed record Frame(int Opcode, byte[] Payload)
{
    /// <summary>The opcode of a fragment that is not the first of its message.</summary>
    public const int ContinuationOpcode = 0x0;

    /// <summary>The opcode of text.</summary>
    public const int TextOpcode = 0x1;

    /// <summary>The opcode of bytes.</summary>
    public const int BinaryOpcode = 0x2;

    /// <summary>The opcode of a close frame.</summary>
    public const int CloseOpcode = 0x8;

    /// <summary>The opcode of a ping.</summary>
    public const int PingOpcode = 0x9;

    /// <summary>The opcode of a pong.</summary>
    public const int PongOpcode = 0xA;

    /// <summary>Whether it is the last of its message.</summary>
    public bool Fin { get; init; } = true;

    /// <summary>RSV1 to RSV3 as three bits, RSV1 the highest.</summary>
    public int Reserved { get; init; }

    /// <summary>In how many bits the header tells the length.</summary>
    public LengthForm Form { get; init; } = LengthForm.Shortest;

    /// <summary>The length that the header tells, where that is not the payload's.</summary>
    public ulong? DeclaredLength { get; init; }

    /// <summary>True to mask what a server sends, or not to mask what a client sends.</summary>
    public bool WronglyMasked { get; init; }

    /// <summary>The masking key, its first byte highest; of received frames, 0 when there was none.</summary>
    public uint Key { get; init; } = 0x37FA213D;

    /// <summary>Whether it is a close, a ping, a pong, or what may become one.</summary>
    public bool IsControl => (Opcode & 0x8) != 0;

    /// <summary>Makes a message of text.</summary>
    /// <param name="text">The text.</param>
    public static Frame Text(string text) => new(TextOpcode, Encoding.UTF8.GetBytes(text));

    /// <summary>Makes a message of what says to be text.</summary>
    /// <param name="payload">The bytes, UTF-8 or not.</param>
    public static Frame Text(byte[] payload) => new(TextOpcode, payload);

    /// <summary>Makes a message of bytes.</summary>
    /// <param name="payload">The bytes.</param>
    public static Frame Binary(params byte[] payload) => new(BinaryOpcode, payload);

    /// <summary>Makes a fragment that is not the first.</summary>
    /// <param name="payload">The bytes.</param>
    public static Frame Continuation(params byte[] payload) => new(ContinuationOpcode, payload);

    /// <summary>Makes a fragment that is not the first.</summary>
    /// <param name="text">The text.</param>
    public static Frame Continuation(string text) => Continuation(Encoding.UTF8.GetBytes(text));

    /// <summary>Makes a ping.</summary>
    /// <param name="payload">What its pong has to repeat.</param>
    public static Frame Ping(params byte[] payload) => new(PingOpcode, payload);

    /// <summary>Makes a ping.</summary>
    /// <param name="text">What its pong has to repeat.</param>
    public static Frame Ping(string text) => Ping(Encoding.UTF8.GetBytes(text));

    /// <summary>Makes a pong.</summary>
    /// <param name="payload">What the ping had.</param>
    public static Frame Pong(params byte[] payload) => new(PongOpcode, payload);

    /// <summary>Makes a close frame.</summary>
    /// <param name="payload">The bytes, none for no code.</param>
    public static Frame Close(params byte[] payload) => new(CloseOpcode, payload);

    /// <summary>Makes a close frame.</summary>
    /// <param name="code">The code, any 16 bits.</param>
    /// <param name="reason">The reason.</param>
    public static Frame Close(int code, string reason = "") =>
        Close([(byte)(code >> 8), (byte)code, .. Encoding.UTF8.GetBytes(reason)]);

    /// <summary>The same, as a fragment that others follow.</summary>
    public Frame Unfinished() => this with { Fin = false };

    /// <summary>Writes the frame.</summary>
    /// <param name="masks">Whether this end has to mask.</param>
    /// <returns>The bytes of the frame.</returns>
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

    /// <summary>Names the frame as failures do.</summary>
    public override string ToString()
    {
        string name = Opcode switch
        {
            ContinuationOpcode => "continuation",
            TextOpcode => "text",
            BinaryOpcode => "binary",
            CloseOpcode => "close",
            PingOpcode => "ping",
            PongOpcode => "pong",
            _ => $"opcode {Opcode:X}",
        };
        return $"{name} of {Payload.Length} bytes{(Fin ? "" : ", unfinished")}";
    }

    /// <summary>Masks or unmasks, eight bytes at a time: some payloads are of many megabytes.</summary>
    /// <param name="payload">The bytes, changed in place.</param>
    /// <param name="key">The key, its first byte highest.</param>
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
