using System.Text;
using Tideway.WebSockets.Framing;

namespace Tideway.Fuzz.Targets;

/// <summary>Headers, close payloads, and the search for a close frame. The first byte says whether frames are
/// masked.</summary>
internal static class FrameTarget
{
    private static readonly UTF8Encoding _strict = new(false, throwOnInvalidBytes: true);

    public static void Run(ReadOnlySpan<byte> input)
    {
        if (input.IsEmpty) return;
        bool masked = input[0] % 2 == 1;
        ReadOnlySpan<byte> bytes = input[1..];
        CheckHeader(bytes, masked);
        CheckClosePayload(bytes);
        CheckScanner(bytes, input[0] / 2);
    }

    private static void CheckHeader(ReadOnlySpan<byte> bytes, bool masked)
    {
        int length = Math.Min(bytes.Length, FrameHeader.MaxLength);
        for (int cut = 0; cut <= length; cut++)
        {
            ReferenceHeader expected = ReferenceHeader.Read(bytes[..cut], masked);
            FrameStatus status = FrameHeader.TryParse(
                bytes[..cut], masked, out FrameHeader header, out string? violation);
            FuzzException.Unless(status == expected.Status, $"{cut} bytes: {status} and not {expected.Status}");
            FuzzException.Unless(violation is null == status is not FrameStatus.Violation, "a violation has a text");
            if (status == FrameStatus.Complete) CheckFields(header, expected, bytes[..cut]);
        }
    }

    private static void CheckFields(in FrameHeader header, ReferenceHeader expected, ReadOnlySpan<byte> bytes)
    {
        FuzzException.UnlessSame(
            [$"{expected.Length} {expected.Fin} {expected.Opcode} {expected.IsControl} {expected.PayloadLength}"],
            [$"{header.Length} {header.Fin} {(int)header.Opcode} {header.IsControl} {header.PayloadLength}"],
            "the header");
        Span<byte> written = stackalloc byte[FrameHeader.MaxLength];
        written = written[..header.Write(written)];
        FuzzException.Unless(bytes.StartsWith(written), "a header is written otherwise than it was read");
        FuzzException.Unless(written.Length == expected.Length, "a header is written with another length");
    }

    private static void CheckClosePayload(ReadOnlySpan<byte> bytes)
    {
        bytes = bytes[..Math.Min(bytes.Length, FrameHeader.MaxControlPayload)];
        Violation? violation = ClosePayload.TryParse(bytes, out CloseCode code, out string reason);
        int expected =
            bytes.IsEmpty ? 0
            : bytes.Length == 1 || !MayBeSent((bytes[0] * 256) + bytes[1]) ? 1002
            : !IsText(bytes[2..]) ? 1007
            : 0;
        FuzzException.Unless(
            (int)(violation?.Code ?? 0) == expected, $"a close payload: {violation} and not {expected}");
        if (violation is not null) return;
        Span<byte> written = stackalloc byte[FrameHeader.MaxControlPayload];
        written = written[..ClosePayload.Write(code, reason, written)];
        FuzzException.Unless(written.SequenceEqual(bytes), "a close payload is written otherwise than it was read");
        ClosePayload.ThrowIfNotSendable(code, reason);
    }

    /// <summary>RFC 6455 §7.4 and the registry: those defined, but the three that never are on the wire.</summary>
    private static bool MayBeSent(int code) => code switch
    {
        1004 or 1005 or 1006 or 1015 => false,
        >= 1000 and <= 1014 => true,
        >= 3000 and <= 4999 => true,
        _ => false,
    };

    private static bool IsText(ReadOnlySpan<byte> bytes)
    {
        try
        {
            _strict.GetCharCount(bytes);
            return true;
        }
        catch (DecoderFallbackException)
        {
            return false;
        }
    }

    private static void CheckScanner(ReadOnlySpan<byte> bytes, int remaining)
    {
        int expected = FindEndOfClose(bytes, remaining);
        var scanner = new CloseScanner(remaining);
        for (int i = 0; i < bytes.Length; i++)
        {
            if (!scanner.Scan(bytes.Slice(i, 1))) continue;
            FuzzException.Unless(i == expected, $"a close is found at {i} and not at {expected}");
            expected = -1;
            break;
        }

        FuzzException.Unless(expected < 0, "a close is missed");
        FuzzException.Unless(
            new CloseScanner(remaining).Scan(bytes) == FindEndOfClose(bytes, remaining) >= 0,
            "a close is found in pieces only, or in the whole only");
    }

    /// <summary>Where the last byte of the first close frame is; -1 for nowhere. Lengths count, and nothing
    /// else.</summary>
    private static int FindEndOfClose(ReadOnlySpan<byte> bytes, long at)
    {
        while (at + 1 < bytes.Length)
        {
            int first = (int)at;
            ulong length = (ulong)bytes[first + 1] % 128;
            int extended = length switch { 126 => 2, 127 => 8, _ => 0 };
            int header = 2 + extended + (bytes[first + 1] >= 128 ? 4 : 0);
            if (first + header > bytes.Length) return -1;
            if (extended > 0) length = 0;
            foreach (byte digit in bytes.Slice(first + 2, extended)) length = (length << 8) | digit;
            if (extended == 8) length %= 1UL << 63;
            if (length > (ulong)(bytes.Length - first - header)) return -1;
            at = first + header + (long)length;
            if (bytes[first] % 16 == 8) return (int)at - 1;
        }

        return -1;
    }
}
