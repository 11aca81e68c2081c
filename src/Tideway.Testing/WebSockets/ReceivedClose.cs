using System.Text;
using System.Text.Unicode;
using Tideway.Testing.Wire;

namespace Tideway.Testing.WebSockets;

/// <summary>How the service ended a connection. Immutable.</summary>
/// <param name="Code">The code of its close frame; 1005 when the frame had none, 1006 when there was no frame.</param>
/// <param name="Reason">The reason; empty for none.</param>
public sealed record ReceivedClose(int Code, string Reason = "")
{
    /// <summary>The code that stands for a close frame without one (RFC 6455 §7.1.5).</summary>
    public const int NoCode = 1005;

    /// <summary>The code that stands for a transport that ended without a close frame.</summary>
    public const int NoFrame = 1006;

    /// <summary>Whether it says that something went wrong.</summary>
    internal bool IsFailure => Code is NoFrame or 1002 or 1003 or (>= 1007 and <= 1015);

    /// <summary>Names the end as failures do.</summary>
    public override string ToString() => Code switch
    {
        NoFrame => $"the end of the transport without a close frame{(Reason.Length > 0 ? $": {Reason}" : "")}",
        NoCode => "a close frame without a code",
        _ => $"a close frame {Code}{(Reason.Length > 0 ? $" '{Reason}'" : "")}",
    };

    /// <summary>Reads the payload of a close frame (RFC 6455 §5.5.1, §7.4).</summary>
    /// <exception cref="WireException">No end may send this.</exception>
    internal static ReceivedClose Parse(ReadOnlySpan<byte> payload)
    {
        if (payload.Length == 0) return new ReceivedClose(NoCode);
        if (payload.Length == 1) throw new WireException("A close frame has one byte, which is half a code.");
        int code = (payload[0] << 8) | payload[1];
        if (code is < 1000 or 1004 or NoCode or NoFrame or (> 1014 and < 3000) or > 4999)
            throw new WireException($"A close frame has the code {code}, which no end may send.");
        if (!Utf8.IsValid(payload[2..])) throw new WireException("The reason of a close frame is not UTF-8.");
        return new ReceivedClose(code, Encoding.UTF8.GetString(payload[2..]));
    }
}
