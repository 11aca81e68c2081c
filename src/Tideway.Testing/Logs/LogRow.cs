using System.Globalization;
using System.Text;

namespace Tideway.Testing.Logs;

/// <summary>One record of the service's log. Immutable.</summary>
public sealed class LogRow
{
    private readonly Dictionary<string, string> _values = [];

    private LogRow(string line) => Line = line;

    /// <summary>The record as it was written.</summary>
    public string Line { get; }

    /// <summary>What happened.</summary>
    public string Text => this["text"] ?? "";

    /// <summary>How severe it is: <c>INFO</c>, say.</summary>
    public string Level => this["level"] ?? "";

    /// <summary>Who logged it.</summary>
    public string Module => this["module"] ?? "";

    /// <summary>The values by their keys.</summary>
    public IReadOnlyDictionary<string, string> Values => _values;

    /// <summary>A value of the record; null when it has none of that key.</summary>
    /// <param name="key">The key, in lower case.</param>
    public string? this[string key] => _values.GetValueOrDefault(key);

    /// <summary>Tells whether the record has these values, exactly.</summary>
    /// <param name="values">The values by their keys.</param>
    public bool Has(params ReadOnlySpan<(string Key, string Value)> values)
    {
        foreach ((string key, string value) in values)
            if (this[key] != value) return false;
        return true;
    }

    /// <summary>Shows the record as it was written.</summary>
    public override string ToString() => Line;

    /// <summary>Reads a line of the format tskv.</summary>
    internal static LogRow Parse(string line)
    {
        var row = new LogRow(line);
        foreach (string pair in line.Split('\t'))
        {
            int at = IndexOfAssignment(pair);
            if (at > 0) row._values.TryAdd(Unescape(pair[..at]), Unescape(pair[(at + 1)..]));
        }

        return row;
    }

    private static int IndexOfAssignment(string pair)
    {
        for (int i = 0; i < pair.Length; i++)
        {
            if (pair[i] == '\\') i++;
            else if (pair[i] == '=') return i;
        }

        return -1;
    }

    private static string Unescape(string text)
    {
        if (!text.Contains('\\', StringComparison.Ordinal)) return text;
        var plain = new StringBuilder();
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] != '\\' || ++i == text.Length)
            {
                plain.Append(text[Math.Min(i, text.Length - 1)]);
                continue;
            }

            if (text[i] == 'u' && i + 4 < text.Length
                && ushort.TryParse(text.AsSpan(i + 1, 4), NumberStyles.HexNumber, null, out ushort c))
            {
                plain.Append((char)c);
                i += 4;
                continue;
            }

            plain.Append(text[i] switch { 't' => '\t', 'n' => '\n', 'r' => '\r', '0' => '\0', var other => other });
        }

        return plain.ToString();
    }
}
