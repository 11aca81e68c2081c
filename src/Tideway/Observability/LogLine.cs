using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace Tideway.Observability;

/// <summary>Writes a record as one line, whatever its text contains. Pure functions.</summary>
internal static class LogLine
{
    /// <summary>The longest text of a record, in characters; the rest is cut.</summary>
    public const int MaxText = 10_000;

    private const string Time = "yyyy-MM-ddTHH:mm:ss.ffffff";

    /// <summary>Encodes the record, with a line feed at its end.</summary>
    public static byte[] Encode(LogRecord record, LogFormat format) =>
        format == LogFormat.Json ? EncodeJson(record) : Encoding.UTF8.GetBytes(FormatPairs(record, format));

    private static string FormatPairs(LogRecord record, LogFormat format)
    {
        char assign = format == LogFormat.Ltsv ? ':' : '=';
        var line = new StringBuilder(format == LogFormat.Ltsv ? "" : "tskv");
        foreach ((string key, string value) in Pairs(record, withHead: format != LogFormat.Raw))
        {
            if (line.Length > 0) line.Append('\t');
            AppendEscaped(line, key.ToLowerInvariant().Replace('.', '_'), assign);
            line.Append(assign);
            AppendEscaped(line, value, '\0');
        }

        return line.Append('\n').ToString();
    }

    private static byte[] EncodeJson(LogRecord record)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            foreach ((string key, string value) in Pairs(record, withHead: true)) json.WriteString(key, value);
            json.WriteEndObject();
        }

        buffer.Write("\n"u8);
        return buffer.WrittenSpan.ToArray();
    }

    private static IEnumerable<KeyValuePair<string, string>> Pairs(LogRecord record, bool withHead)
    {
        if (withHead)
        {
            yield return new("timestamp", record.Timestamp.ToString(Time, CultureInfo.InvariantCulture));
            yield return new("level", LevelName(record.Level));
        }

        yield return new("module", record.Category);
        yield return new("thread_id", Environment.CurrentManagedThreadId.ToString("x", CultureInfo.InvariantCulture));
        yield return new("text", record.Text.Length > MaxText ? record.Text[..MaxText] : record.Text);
        foreach (KeyValuePair<string, string> extra in record.Extras) yield return extra;
        if (record.Exception is { } exception) yield return new("exception", exception.ToString());
    }

    private static string LevelName(LogLevel level) => level switch
    {
        LogLevel.Trace => "TRACE",
        LogLevel.Debug => "DEBUG",
        LogLevel.Information => "INFO",
        LogLevel.Warning => "WARNING",
        LogLevel.Error => "ERROR",
        _ => "CRITICAL",
    };

    private static void AppendEscaped(StringBuilder line, string value, char assign)
    {
        foreach (char c in value)
        {
            string? escape = c switch
            {
                '\t' => "\\t",
                '\n' => "\\n",
                '\r' => "\\r",
                '\0' => "\\0",
                '\\' => "\\\\",
                _ when c == assign => "\\" + c,

                // Else a text from outside could steer the terminal of whoever reads the log, or break its lines.
                _ when char.IsControl(c) || c is '\u2028' or '\u2029' => $"\\u{(int)c:x4}",
                _ => null,
            };
            if (escape is null) line.Append(c);
            else line.Append(escape);
        }
    }
}
