using System.Diagnostics;
using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging;

namespace Tideway.Observability;

/// <summary>One logger of the static config: makes lines of records, and gives them to its sink.</summary>
/// <remarks>Safe from any thread. Whatever it is given to log, it does not throw.</remarks>
internal sealed class NamedLogger(LoggerConfig config, LogSink sink, TimeProvider timeProvider)
{
    private static readonly Action<object?, LogLineWriter> _addScope =
        static (scope, record) => AddExtras(record, scope);

    private volatile LogLevel _level = (LogLevel)config.Level;

    /// <summary>The least severity that is written; may be changed at any time.</summary>
    public LogLevel Level
    {
        get => _level;
        set => _level = value;
    }

    /// <summary>Tells whether records of a severity are written.</summary>
    public bool IsEnabled(LogLevel level) => level != LogLevel.None && level >= _level;

    /// <summary>Waits until what was logged has been written.</summary>
    public Task FlushAsync() => sink.FlushAsync();

    /// <summary>Writes a finished line, at info: as it is where the format is raw,
    /// else as the text of a record.</summary>
    /// <param name="category">Who logs.</param>
    /// <param name="line">The line; its buffer is the logger's from now on.</param>
    public void WriteLine(string category, LogLine line)
    {
        if (config.Format == LogFormat.Raw && IsEnabled(LogLevel.Information))
        {
            sink.Write(line);
            return;
        }

        if (IsEnabled(LogLevel.Information))
            Write(LogLevel.Information, category, Encoding.UTF8.GetString(line.Bytes[..^1]), null, null, null);
        line.Return();
    }

    /// <summary>Writes a record.</summary>
    /// <param name="level">How severe it is.</param>
    /// <param name="category">Who logs.</param>
    /// <param name="text">What happened.</param>
    /// <param name="values">The values of the record: a list of pairs, or anything else for none.</param>
    /// <param name="scopes">The scopes around it; null for none.</param>
    /// <param name="exception">What was thrown; null for nothing.</param>
    public void Write(
        LogLevel level,
        string category,
        string text,
        object? values,
        IExternalScopeProvider? scopes,
        Exception? exception)
    {
        LogLineWriter record = Begin(level, category, text);
        try
        {
            AddExtras(record, values);
            scopes?.ForEachScope(_addScope, record);
            if (exception is not null) record.Add("exception"u8, exception.ToString());
        }
        catch (Exception failure)
        {
            // The values are the user's code. What there is of the record is worth more than none.
            record.Add("exception"u8, "a value cannot be formatted: " + failure.GetType());
        }

        sink.Write(record.Finish());
    }

    private static void AddExtras(LogLineWriter record, object? values)
    {
        if (values is IReadOnlyList<KeyValuePair<string, object?>> list)
        {
            for (int i = 0; i < list.Count; i++) AddExtra(record, list[i]);
        }
        else if (values is IEnumerable<KeyValuePair<string, object?>> pairs)
        {
            foreach (KeyValuePair<string, object?> pair in pairs) AddExtra(record, pair);
        }
    }

    private static void AddExtra(LogLineWriter record, KeyValuePair<string, object?> pair)
    {
        if (pair.Key != "{OriginalFormat}") record.AddExtra(pair.Key, pair.Value);
    }

    private LogLineWriter Begin(LogLevel level, string category, string text)
    {
        LogLineWriter record = LogLineWriter.Start(config.Format);
        record.AddHead(timeProvider.GetLocalNow(), level);
        record.Add("module"u8, category);
        if (Activity.Current is { IdFormat: ActivityIdFormat.W3C } span)
        {
            record.Add("trace_id"u8, span.TraceId.ToHexString());
            record.Add("span_id"u8, span.SpanId.ToHexString());
            if (span.ParentSpanId != default) record.Add("parent_id"u8, span.ParentSpanId.ToHexString());
        }

        Span<char> thread = stackalloc char[16];
        thread.TryWrite(CultureInfo.InvariantCulture, $"0x{Environment.CurrentManagedThreadId:X}", out int length);
        record.Add("thread_id"u8, thread[..length]);
        record.Add("text"u8, text);
        return record;
    }
}
