using System.Buffers;

namespace Tideway.WebSockets.Handshake;

/// <summary>Reads comma-separated token lists such as <c>Connection: keep-alive, Upgrade</c> (RFC 9110 §5.6.1). Pure
/// functions.</summary>
public static class TokenList
{
    private static readonly SearchValues<char> _tokenChars = SearchValues.Create(
        "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    private static ReadOnlySpan<char> Blank => " \t";

    /// <summary>Tells whether a text is one token: a header name, a subprotocol (RFC 9110 §5.6.2).</summary>
    public static bool IsToken(ReadOnlySpan<char> text) => !text.IsEmpty && !text.ContainsAnyExcept(_tokenChars);

    /// <summary>Tells whether one of the header's lines names the token, in any case.</summary>
    /// <param name="lines">The values of a header that may be given on several lines.</param>
    /// <param name="token">The token to look for.</param>
    public static bool Contains(IEnumerable<string?> lines, string token)
    {
        foreach (string? line in lines)
        {
            if (Contains(line, token)) return true;
        }

        return false;
    }

    /// <summary>Tells whether a header value names the token, in any case. Blanks and tabs around tokens do not
    /// count.</summary>
    /// <param name="value">The header value; null is an empty list.</param>
    /// <param name="token">The token to look for.</param>
    public static bool Contains(ReadOnlySpan<char> value, ReadOnlySpan<char> token)
    {
        foreach (Range range in value.Split(','))
        {
            if (value[range].Trim(Blank).Equals(token, StringComparison.OrdinalIgnoreCase)) return true;
        }

        return false;
    }

    /// <summary>Lists the tokens in order, with empty elements left out (RFC 9110 §5.6.1.2).</summary>
    public static IReadOnlyList<string> Parse(IEnumerable<string?> lines)
    {
        var tokens = new List<string>();
        foreach (string? line in lines)
        {
            foreach (Range range in line.AsSpan().Split(','))
            {
                ReadOnlySpan<char> token = line.AsSpan()[range].Trim(Blank);
                if (!token.IsEmpty) tokens.Add(token.ToString());
            }
        }

        return tokens;
    }
}
