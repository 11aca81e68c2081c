using System.IO.Compression;
using Tideway.WebSockets.Compression;
using Tideway.WebSockets.Framing;

namespace Tideway.Fuzz.Targets;

/// <summary>Compressed messages. The first byte says how they are read, the second picks the cuts. What follows is
/// frames, each of a byte of flags, a length, and a payload; and once more, as messages to compress.</summary>
internal static class DeflateTarget
{
    private static readonly int[] _limits = [0, 1, 100, 4095, 4096, 4097, 20_000, 1 << 20];

    public static void Run(ReadOnlySpan<byte> input)
    {
        if (input.Length < 2) return;
        bool keepsContext = input[0] % 2 == 1;
        int maxPayload = _limits[input[0] / 2 % _limits.Length];
        int level = 1 + (input[0] / 16 % 9);
        var frames = new List<(byte Flags, byte[] Payload)>();
        for (ReadOnlySpan<byte> rest = input[2..]; rest.Length >= 2;)
        {
            int length = Math.Min(rest[1], rest.Length - 2);
            frames.Add((rest[0], rest.Slice(2, length).ToArray()));
            rest = rest[(2 + length)..];
        }

        CheckInflate(frames, keepsContext, maxPayload, input[1]);
        CheckRoundTrip([.. frames.Select(frame => frame.Payload)], keepsContext, level, input[1]);
    }

    private static void CheckInflate(
        List<(byte Flags, byte[] Payload)> frames, bool keepsContext, int maxPayload, int seed)
    {
        byte[] wire = [.. Write(frames)];
        List<string> whole = MessageTarget.ReadCompressed([.. wire], keepsContext, maxPayload, null);
        List<string> cut = MessageTarget.ReadCompressed([.. wire], keepsContext, maxPayload, new Random(seed));

        // Of two things that are wrong, zlib may see the one that comes later first.
        FuzzException.UnlessSame([.. whole.Select(WithoutCode)], [.. cut.Select(WithoutCode)], "read in pieces");
        foreach (string message in whole)
        {
            int length = (message.Length - message.IndexOf(' ', StringComparison.Ordinal)) / 2;
            FuzzException.Unless(
                message.StartsWith("violation", StringComparison.Ordinal) || length <= maxPayload,
                $"a message of {length} bytes is beyond the limit of {maxPayload}");
        }

        // The runtime's own stream reads on through the empty block that a sender leaves out, up to a last block.
        if (keepsContext || frames is not [(_, var payload)] || whole is not [var one]) return;
        if (!IsCompressed(frames[0].Flags) || one.StartsWith("violation", StringComparison.Ordinal)) return;
        string expected = Convert.ToHexString(Inflate([.. payload, 0, 0, 0xFF, 0xFF], maxPayload));
        FuzzException.Unless(
            one[(one.IndexOf(' ', StringComparison.Ordinal) + 1)..].StartsWith(expected, StringComparison.Ordinal),
            $"a message is {one}, and not {expected}");
    }

    private static string WithoutCode(string found) =>
        found is "violation 1007" or "violation 1009" ? "violation" : found;

    private static void CheckRoundTrip(byte[][] messages, bool keepsContext, int level, int seed)
    {
        using var deflater = new MessageDeflater(level, 9 + (seed % 7), keepsContext, 0);
        var frames = new List<byte>();
        foreach (byte[] message in messages)
        {
            byte[]? deflated = message.Length == 0 ? null : deflater.Deflate(message, out int length)?[..length];
            frames.AddRange(Frame(deflated ?? message, Opcode.Binary, fin: true, compressed: deflated is not null));
        }

        FuzzException.UnlessSame(
            [.. messages.Select(message => ReferenceReader.Describe((int)Opcode.Binary, message))],
            MessageTarget.ReadCompressed([.. frames], keepsContext, 1 << 20, new Random(seed)),
            "what was compressed");
    }

    private static IEnumerable<byte> Write(List<(byte Flags, byte[] Payload)> frames)
    {
        bool isInside = false;
        foreach ((byte flags, byte[] payload) in frames)
        {
            bool fin = flags % 2 == 0;
            Opcode opcode = isInside ? Opcode.Continuation : (flags & 4) != 0 ? Opcode.Text : Opcode.Binary;
            foreach (byte value in Frame(payload, opcode, fin, !isInside && IsCompressed(flags))) yield return value;
            isInside = !fin;
        }
    }

    private static bool IsCompressed(byte flags) => (flags & 2) == 0;

    private static byte[] Frame(byte[] payload, Opcode opcode, bool fin, bool compressed)
    {
        var header = new FrameHeader(fin, opcode, masked: false, 0, payload.Length, compressed);
        byte[] frame = new byte[header.Length + payload.Length];
        payload.CopyTo(frame, header.Write(frame));
        return frame;
    }

    private static byte[] Inflate(byte[] deflated, int most)
    {
        using var stream = new DeflateStream(new MemoryStream(deflated), CompressionMode.Decompress);
        byte[] output = new byte[most + 1];
        int length = stream.ReadAtLeast(output, output.Length, throwOnEndOfStream: false);
        return output[..length];
    }
}
