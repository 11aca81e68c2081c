using System.Buffers;
using System.Text;
using Tideway.WebSockets.Framing;

namespace Tideway.Fuzz.Targets;

/// <summary>Reads the frames of one peer as RFC 6455 has it, byte by byte: slow and obvious.</summary>
internal static class ReferenceReader
{
    /// <summary>Lists the messages and control frames, and the violation that ends them if there is one.</summary>
    public static List<string> Read(byte[] wire, bool isServer, int maxPayload)
    {
        var found = new List<string>();
        var message = new List<byte>();
        int messageOpcode = 0;
        int emptyFragments = 0;
        for (int at = 0; ;)
        {
            ReferenceHeader header = ReferenceHeader.Read(wire.AsSpan(at), mustBeMasked: isServer);
            if (header.Status == FrameStatus.NeedMore) return found;
            if (header.Status == FrameStatus.Violation) return Fail(1002);
            at += header.Length;
            if (header.IsControl)
            {
                if (wire.Length - at < header.PayloadLength) return found;
                found.Add(Describe(header.Opcode, TakePayload((int)header.PayloadLength)));
                continue;
            }

            bool continues = header.Opcode == 0;
            if (continues != (messageOpcode != 0)) return Fail(1002);
            if (message.Count + header.PayloadLength > maxPayload) return Fail(1009);
            if (!continues) (messageOpcode, emptyFragments) = (header.Opcode, 0);
            if (header.PayloadLength == 0 && !header.Fin && ++emptyFragments > MessageReader.MaxEmptyFragments)
                return Fail(1008);

            bool isWhole = wire.Length - at >= header.PayloadLength;
            message.AddRange(TakePayload(isWhole ? (int)header.PayloadLength : wire.Length - at));
            bool ends = isWhole && header.Fin;
            if (messageOpcode == 1 && !IsText([.. message], ends)) return Fail(1007);
            if (!isWhole) return found;
            if (!ends) continue;
            found.Add(Describe(messageOpcode, [.. message]));
            message.Clear();
            messageOpcode = 0;

            byte[] TakePayload(int length)
            {
                byte[] payload = wire[at..(at + length)];
                for (int i = 0; i < length && isServer; i++) payload[i] ^= header.Mask![i % 4];
                at += length;
                return payload;
            }
        }

        List<string> Fail(int code) => [.. found, $"violation {code}"];
    }

    public static string Describe(int opcode, ReadOnlySpan<byte> payload) =>
        $"{(Opcode)opcode} {Convert.ToHexString(payload)}";

    private static bool IsText(ReadOnlySpan<byte> bytes, bool isWhole)
    {
        while (!bytes.IsEmpty)
        {
            OperationStatus status = Rune.DecodeFromUtf8(bytes, out _, out int length);
            if (status == OperationStatus.NeedMoreData) return !isWhole;
            if (status != OperationStatus.Done) return false;
            bytes = bytes[length..];
        }

        return true;
    }
}
