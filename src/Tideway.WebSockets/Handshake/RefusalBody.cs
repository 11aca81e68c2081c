using System.Globalization;
using System.Text;

namespace Tideway.WebSockets.Handshake;

/// <summary>Reads the beginning of the body of an answer that refuses a handshake, for the message of the error (RFC
/// 9112 §6). Pure functions.</summary>
internal static class RefusalBody
{
    /// <summary>The most of a body that is looked at, in bytes.</summary>
    private const int MaxLength = 1024;

    private const int MaxCharacters = 200;

    private static ReadOnlySpan<byte> EndOfLine => "\r\n"u8;

    /// <summary>Reads what has come of the body.</summary>
    /// <param name="head">The head of the answer.</param>
    /// <param name="source">What was received behind the head.</param>
    /// <param name="text">The body on one line, and cut; empty when it has none that people read.</param>
    /// <returns>False when more of it is worth waiting for.</returns>
    public static bool TryRead(HandshakeResponse head, ReadOnlySpan<byte> source, out string text)
    {
        text = "";
        if (head.StatusCode is < 200 or 204 or 304 || !IsForPeople(head)) return true;
        bool isWhole;
        if (TokenList.Contains(head.Values("Transfer-Encoding"), "chunked"))
        {
            byte[] body = new byte[Math.Min(source.Length, MaxLength)];
            isWhole = TryJoinChunks(source, body, out int length);
            source = body.AsSpan(0, length);
        }
        else if (long.TryParse(head.Values("Content-Length").FirstOrDefault(), out long length) && length >= 0)
        {
            isWhole = source.Length >= length;
            if (isWhole) source = source[..(int)length];
        }
        else
        {
            isWhole = false; // It ends with the connection.
        }

        isWhole |= source.Length >= MaxLength;
        text = ToLine(source[..Math.Min(source.Length, MaxLength)]);
        return isWhole;
    }

    /// <summary>A page of HTML says nothing on one line.</summary>
    private static bool IsForPeople(HandshakeResponse head) =>
        head.Values("Content-Type").FirstOrDefault() is not { } type
        || type.StartsWith("text/plain", StringComparison.OrdinalIgnoreCase)
        || type.Contains("json", StringComparison.OrdinalIgnoreCase);

    /// <summary>Joins chunks (RFC 9112 §7.1) as far as they have come and there is room; true at the end of
    /// all.</summary>
    private static bool TryJoinChunks(ReadOnlySpan<byte> source, Span<byte> body, out int length)
    {
        length = 0;
        while (source.IndexOf(EndOfLine) is var end and > 0)
        {
            ReadOnlySpan<byte> size = source[..end];
            if (size.IndexOf((byte)';') is var extension and >= 0) size = size[..extension];

            // What is not chunked after all is left out.
            if (!int.TryParse(size, NumberStyles.AllowHexSpecifier, null, out int chunk) || chunk <= 0) return true;
            source = source[(end + EndOfLine.Length)..];
            int copied = Math.Min(chunk, Math.Min(source.Length, body.Length - length));
            source[..copied].CopyTo(body[length..]);
            length += copied;
            if (copied < chunk || source.Length < chunk + EndOfLine.Length) return false;
            source = source[(chunk + EndOfLine.Length)..];
        }

        return false;
    }

    /// <summary>Makes one line of a text, with nothing in it that steers a terminal.</summary>
    private static string ToLine(ReadOnlySpan<byte> utf8)
    {
        var line = new StringBuilder();
        foreach (Rune rune in Encoding.UTF8.GetString(utf8).EnumerateRunes())
        {
            bool isBlank = Rune.IsControl(rune) || Rune.IsWhiteSpace(rune);
            if (!isBlank) line.Append(rune);
            else if (line.Length > 0 && line[^1] != ' ') line.Append(' ');
            if (line.Length >= MaxCharacters) return line.Append('…').ToString();
        }

        return line.ToString().TrimEnd();
    }
}
