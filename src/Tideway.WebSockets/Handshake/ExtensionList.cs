using System.Buffers;
using System.Text;

namespace Tideway.WebSockets.Handshake;

/// <summary>Reads <c>Sec-WebSocket-Extensions</c>, strictly by its grammar (RFC 6455 §9.1). Pure functions.</summary>
/// <remarks>A value outside of the grammar has to fail the handshake.</remarks>
public static class ExtensionList
{
    private static readonly SearchValues<char> _endsOfToken = SearchValues.Create(",;=\" \t");

    /// <summary>Tells whether the header's lines follow the grammar.</summary>
    /// <param name="lines">The values of the header, one for each of its lines.</param>
    public static bool IsValid(IEnumerable<string?> lines)
    {
        ArgumentNullException.ThrowIfNull(lines);
        return TryParse(lines, out _);
    }

    /// <summary>Parses the header's lines; false when they do not follow the grammar.</summary>
    internal static bool TryParse(IEnumerable<string?> lines, out List<Extension> extensions)
    {
        extensions = [];
        foreach (string? line in lines)
        {
            ReadOnlySpan<char> rest = line;
            while (SkipCommas(ref rest))
            {
                if (!TryReadExtension(ref rest, out Extension? extension)) return false;
                extensions.Add(extension!);
                if (!rest.IsEmpty && rest[0] != ',') return false;
            }
        }

        return true;
    }

    /// <summary>Passes empty elements (RFC 9110 §5.6.1.2); tells whether there is another.</summary>
    private static bool SkipCommas(ref ReadOnlySpan<char> rest)
    {
        rest = rest.TrimStart(", \t");
        return !rest.IsEmpty;
    }

    private static bool TryReadExtension(ref ReadOnlySpan<char> rest, out Extension? extension)
    {
        extension = null;
        var parameters = new List<KeyValuePair<string, string?>>();
        if (!TryReadToken(ref rest, out string name)) return false;
        while (TryTake(ref rest, ';'))
        {
            if (!TryReadToken(ref rest, out string key)) return false;
            string? value = null;
            if (TryTake(ref rest, '=') && !TryReadValue(ref rest, out value)) return false;
            parameters.Add(new(key, value));
        }

        extension = new Extension(name, parameters);
        return true;
    }

    /// <summary>Takes a separator with the blanks around it, if it is next.</summary>
    private static bool TryTake(ref ReadOnlySpan<char> rest, char separator)
    {
        rest = rest.TrimStart(" \t");
        if (rest.IsEmpty || rest[0] != separator) return false;
        rest = rest[1..].TrimStart(" \t");
        return true;
    }

    private static bool TryReadToken(ref ReadOnlySpan<char> rest, out string token)
    {
        int length = rest.IndexOfAny(_endsOfToken);
        if (length < 0) length = rest.Length;
        token = rest[..length].ToString();
        rest = rest[length..];
        return TokenList.IsToken(token);
    }

    /// <summary>Reads a token, or a quoted string that holds one.</summary>
    private static bool TryReadValue(ref ReadOnlySpan<char> rest, out string? value)
    {
        if (rest.IsEmpty || rest[0] != '"')
        {
            bool isToken = TryReadToken(ref rest, out string token);
            value = token;
            return isToken;
        }

        var text = new StringBuilder();
        value = null;
        for (int i = 1; i < rest.Length; i++)
        {
            if (rest[i] == '"')
            {
                value = text.ToString();
                rest = rest[(i + 1)..];
                return TokenList.IsToken(value);
            }

            if (rest[i] == '\\' && ++i == rest.Length) return false;
            text.Append(rest[i]);
        }

        return false;
    }
}
