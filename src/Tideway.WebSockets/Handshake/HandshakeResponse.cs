using System.Buffers;
using System.Text;

namespace Tideway.WebSockets.Handshake;

/// <summary>The server's answer to an opening handshake: the head of an HTTP/1.1 response. Immutable; pure
/// functions.</summary>
public sealed class HandshakeResponse
{
    /// <summary>The longest head that is read, in bytes.</summary>
    public const int MaxLength = 16 * 1024;

    internal const string ExtensionsHeader = "Sec-WebSocket-Extensions";

    private readonly List<KeyValuePair<string, string>> _headers = [];

    private HandshakeResponse(int statusCode, string reasonPhrase, int length) =>
        (StatusCode, ReasonPhrase, Length) = (statusCode, reasonPhrase, length);

    /// <summary>The HTTP status; 101 accepts the handshake.</summary>
    public int StatusCode { get; }

    /// <summary>What the status line says behind the status. May be empty.</summary>
    public string ReasonPhrase { get; }

    /// <summary>The length of the head in bytes; what follows belongs to the connection.</summary>
    public int Length { get; }

    private static ReadOnlySpan<byte> EndOfHead => "\r\n\r\n"u8;

    /// <summary>The values of a header, one for each of its lines.</summary>
    public IEnumerable<string> Values(string name) =>
        _headers.Where(header => header.Key.Equals(name, StringComparison.OrdinalIgnoreCase))
            .Select(header => header.Value);

    /// <summary>Parses a head once it is complete, and refuses what is not strictly HTTP/1.1 (RFC 9112) as early as it
    /// can.</summary>
    /// <param name="source">The bytes received so far.</param>
    /// <param name="response">The head, when the answer is <see cref="OperationStatus.Done"/>.</param>
    /// <param name="violation">What is wrong, when the answer is <see cref="OperationStatus.InvalidData"/>.</param>
    public static OperationStatus TryParse(
        ReadOnlySpan<byte> source, out HandshakeResponse? response, out string? violation)
    {
        (response, violation) = (null, null);
        int start = Math.Min(source.Length, "HTTP/1."u8.Length);
        if (!source[..start].SequenceEqual("HTTP/1."u8[..start]))
        {
            violation = "the answer is not HTTP/1.1";
            return OperationStatus.InvalidData;
        }

        int end = source[..Math.Min(source.Length, MaxLength)].IndexOf(EndOfHead);
        if (end < 0)
        {
            if (source.Length < MaxLength) return OperationStatus.NeedMoreData;
            violation = $"the head of the answer is longer than {MaxLength} bytes";
            return OperationStatus.InvalidData;
        }

        string[] lines = Encoding.Latin1.GetString(source[..end]).Split("\r\n");
        HandshakeResponse? parsed = ParseStatusLine(lines[0], end + EndOfHead.Length);
        if (parsed is null) violation = "the status line of the answer is malformed";
        else if (!lines.Skip(1).All(parsed.TryAdd)) violation = "a header line of the answer is malformed";
        else response = parsed;
        return violation is null ? OperationStatus.Done : OperationStatus.InvalidData;
    }

    /// <summary>Checks an answer with the status 101 (RFC 6455 §4.1); answers what is wrong, or null.</summary>
    /// <param name="key">The key that was sent.</param>
    /// <param name="offered">The subprotocols that were offered.</param>
    /// <param name="subprotocol">The subprotocol that the server chose; null when none.</param>
    /// <param name="offersExtension">Whether an extension was offered, whose answer the caller checks.</param>
    public string? FindFlaw(
        string key, IReadOnlyCollection<string> offered, out string? subprotocol, bool offersExtension = false)
    {
        ArgumentNullException.ThrowIfNull(offered);
        subprotocol = null;
        if (!Values("Upgrade").SequenceEqual(["websocket"], StringComparer.OrdinalIgnoreCase))
            return "the answer does not upgrade to websocket";
        if (!TokenList.Contains(Values("Connection"), "upgrade"))
            return "the header Connection of the answer does not name Upgrade";
        if (!Values("Sec-WebSocket-Accept").SequenceEqual([HandshakeKey.ComputeAccept(key)], StringComparer.Ordinal))
            return "the header Sec-WebSocket-Accept does not answer the key that was sent";
        if (!offersExtension && TokenList.Parse(Values(ExtensionsHeader)).Count > 0)
            return "the server uses an extension that was not offered";

        string[] chosen = [.. Values("Sec-WebSocket-Protocol")];
        if (chosen.Length == 0) return null;
        if (chosen.Length > 1) return "the server chose more than one subprotocol";
        if (!offered.Contains(chosen[0], StringComparer.Ordinal))
            return $"the server chose the subprotocol '{chosen[0]}', which was not offered";
        subprotocol = chosen[0];
        return null;
    }

    private static HandshakeResponse? ParseStatusLine(string line, int length)
    {
        // RFC 9112 §4: HTTP-version SP three digits SP, then a reason that may be missing, even with its space.
        if (line.Length < 12 || line[7] is not ('0' or '1') || line[8] != ' ') return null;
        if (line.Length > 12 && line[12] != ' ') return null;
        ReadOnlySpan<char> digits = line.AsSpan(9, 3);
        string reason = line.Length > 13 ? line[13..] : "";
        if (digits.ContainsAnyExceptInRange('0', '9') || digits[0] is < '1' or > '5' || !IsText(reason)) return null;
        if (line[7] == '0' && digits is "101") return null; // RFC 9110 §7.8: HTTP/1.0 knows no upgrade.
        return new HandshakeResponse(int.Parse(digits, null), reason, length);
    }

    private bool TryAdd(string line)
    {
        // RFC 9112 §5: no blank before the colon, no folded lines. A token has no blanks, which rules out both.
        int colon = line.IndexOf(':');
        if (colon < 0 || !TokenList.IsToken(line.AsSpan(0, colon)) || !IsText(line.AsSpan(colon + 1)))
            return false;
        _headers.Add(new(line[..colon], line[(colon + 1)..].Trim(' ', '\t')));
        return true;
    }

    private static bool IsText(ReadOnlySpan<char> text)
    {
        foreach (char c in text)
        {
            if (c is (< ' ' and not '\t') or '\x7f') return false;
        }

        return true;
    }
}
