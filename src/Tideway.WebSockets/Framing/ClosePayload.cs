using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;

namespace Tideway.WebSockets.Framing;

/// <summary>The codec of a close frame's payload: nothing, or a code and a reason (RFC 6455 §5.5.1). Pure
/// functions.</summary>
internal static class ClosePayload
{
    /// <summary>The longest reason in UTF-8 bytes: what a control frame holds beside the code.</summary>
    public const int MaxReasonBytes = FrameHeader.MaxControlPayload - 2;

    /// <summary>Tells whether an endpoint may send this code (RFC 6455 §7.4.1, §7.4.2 and the IANA registry).</summary>
    public static bool IsSendable(int code) =>
        code is >= 1000 and <= 1003 or >= 1007 and <= 1014 or >= 3000 and <= 4999;

    /// <summary>Parses a payload; answers how to fail the connection when it is illegal, else null.</summary>
    public static Violation? TryParse(ReadOnlySpan<byte> payload, out CloseCode code, out string reason)
    {
        code = CloseCode.NoStatusReceived;
        reason = "";
        if (payload.IsEmpty) return null;
        if (payload.Length == 1) return Violation.Protocol("a close frame has a payload of one byte");

        code = (CloseCode)BinaryPrimitives.ReadUInt16BigEndian(payload);
        if (!IsSendable((int)code)) return Violation.Protocol("a close frame has a code that must not be sent");
        if (!Utf8.IsValid(payload[2..])) return Violation.Payload("a close reason is not valid UTF-8");
        reason = Encoding.UTF8.GetString(payload[2..]);
        return null;
    }

    /// <summary>Checks what an application wants to close with; no status is fine.</summary>
    /// <exception cref="ArgumentException">The code must not be sent, or the reason is too long.</exception>
    public static void ThrowIfNotSendable(CloseCode code, string reason)
    {
        if (code != CloseCode.NoStatusReceived && !IsSendable((int)code))
        {
            throw new ArgumentException(
                $"A close frame must not have the code {(int)code} (RFC 6455 §7.4).", nameof(code));
        }

        if (Encoding.UTF8.GetByteCount(reason) > MaxReasonBytes)
            throw new ArgumentException("A close reason holds at most 123 bytes (RFC 6455 §5.5).", nameof(reason));
    }

    /// <summary>Writes a code and a reason of at most <see cref="MaxReasonBytes"/>; nothing for no status.</summary>
    public static int Write(CloseCode code, string reason, Span<byte> destination)
    {
        if (code == CloseCode.NoStatusReceived) return 0;
        BinaryPrimitives.WriteUInt16BigEndian(destination, (ushort)code);
        return 2 + Encoding.UTF8.GetBytes(reason, destination[2..]);
    }
}
