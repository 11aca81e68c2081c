using System.Text;
using System.Text.Json;
using Tideway.Observability;

namespace Tideway.Tests.Observability;

/// <summary>Reads lines as a log collector does.</summary>
internal static class LogLines
{
    public static string TextOf(LogLine line)
    {
        string text = Encoding.UTF8.GetString(line.Bytes);
        line.Return();
        return text;
    }

    /// <summary>Decodes one line, its line feed included, into its pairs in order.</summary>
    public static KeyValuePair<string, string>[] Decode(string line, LogFormat format)
    {
        Assert.EndsWith("\n", line, StringComparison.Ordinal);
        line = line[..^1];
        Assert.DoesNotContain(line, c => (char.IsControl(c) && c != '\t') || c is '\u2028' or '\u2029');
        if (format == LogFormat.Json)
        {
            using var json = JsonDocument.Parse(line);
            return [.. json.RootElement.EnumerateObject().Select(p => new KeyValuePair<string, string>(
                p.Name, p.Value.GetString()!))];
        }

        string[] fields = line.Split('\t');
        if (format == LogFormat.Ltsv) return [.. fields.Select(field => Pair(field, ':'))];
        Assert.Equal("tskv", fields[0]);
        return [.. fields.Skip(1).Select(field => Pair(field, '='))];
    }

    private static KeyValuePair<string, string> Pair(string field, char assign)
    {
        int at = 0;
        while (field[at] != assign) at += field[at] == '\\' ? 2 : 1;
        return KeyValuePair.Create(Unescape(field[..at]), Unescape(field[(at + 1)..]));
    }

    private static string Unescape(string text)
    {
        var plain = new StringBuilder();
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i..].StartsWith("\\u", StringComparison.Ordinal))
            {
                plain.Append((char)Convert.ToUInt16(text[(i + 2)..(i + 6)], 16));
                i += 5;
                continue;
            }

            plain.Append(text[i] != '\\' ? text[i] : text[++i] switch
            {
                't' => '\t',
                'n' => '\n',
                'r' => '\r',
                '0' => '\0',
                char same => same,
            });
        }

        return plain.ToString();
    }
}
