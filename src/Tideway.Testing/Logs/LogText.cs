using System.Text;

namespace Tideway.Testing.Logs;

/// <summary>Shows a log to people: a line for each record, with what the service itself has to say.</summary>
internal static class LogText
{
    private const string WebServer = "Microsoft.";
    private const int TimeOfDay = 11;

    private static readonly HashSet<string> _shownElsewhere =
        ["timestamp", "level", "module", "text", "trace_id", "span_id", "parent_id", "thread_id"];

    /// <summary>Shows records. What the web server tells of each request is left out, but for its warnings.</summary>
    public static string Of(IReadOnlyList<LogRow> rows)
    {
        var text = new StringBuilder("The log of the service during the test:\n");
        int left = 0;
        foreach (LogRow row in rows)
        {
            if (IsNoise(row))
            {
                left++;
                continue;
            }

            string time = row["timestamp"] is { Length: > TimeOfDay } timestamp ? timestamp[TimeOfDay..] : "";
            text.Append($"  {time} {row.Level} {row.Module}: {row.Text}");
            foreach ((string key, string value) in row.Values)
                if (!_shownElsewhere.Contains(key)) text.Append($"  {key}={value}");
            text.Append('\n');
        }

        if (left > 0) text.Append($"  and {left} records of the web server, which `service.Log.Rows` has\n");
        return text.ToString();
    }

    private static bool IsNoise(LogRow row) =>
        row.Module.StartsWith(WebServer, StringComparison.Ordinal) && (row.Level is "TRACE" or "DEBUG" or "INFO");
}
