using System.Buffers;
using System.Globalization;
using System.Text.Unicode;
using Microsoft.Extensions.Logging;

namespace Tideway.Observability;

/// <summary>Writes one record as one line of UTF-8, whatever its values contain,
/// straight into a rented buffer.</summary>
/// <remarks>For one thread. It is at work from <see cref="Start"/> to <see cref="Finish"/>,
/// which keeps it for the next.</remarks>
internal sealed class LogLineWriter
{
    /// <summary>The longest value of a record, in characters; the rest is cut.</summary>
    public const int MaxValue = 10_000;

    private const int FirstBuffer = 512;
    private const string Time = "yyyy-MM-ddTHH:mm:ss.ffffff";

    /// <summary>The keys of the record itself; a value of the user's under one of them gets a <c>_</c> behind
    /// it.</summary>
    private static readonly string[] _reserved =
    [
        "timestamp", "level", "module", "trace_id", "span_id", "parent_id", "task_id", "thread_id", "text", "exception",
    ];

    /// <summary>What a text from outside could steer a terminal with, or break a line.</summary>
    private static readonly char[] _controls =
        [.. Enumerable.Range(0, 0xa0).Select(code => (char)code).Where(char.IsControl), '\u2028', '\u2029'];

    private static readonly SearchValues<char> _valueSpecials = SearchValues.Create([.. _controls, '\\']);
    private static readonly SearchValues<char> _tskvKeySpecials = SearchValues.Create([.. _controls, '\\', '=']);
    private static readonly SearchValues<char> _ltsvKeySpecials = SearchValues.Create([.. _controls, '\\', ':']);
    private static readonly SearchValues<char> _jsonSpecials = SearchValues.Create([.. _controls, '\\', '"']);

    [ThreadStatic]
    private static LogLineWriter? _idle;

    private byte[] _buffer = [];
    private int _length;
    private bool _any;
    private LogFormat _format;

    /// <summary>Begins a line.</summary>
    public static LogLineWriter Start(LogFormat format)
    {
        LogLineWriter writer = _idle ?? new LogLineWriter();
        _idle = null; // A value that logs while it is formatted gets another one.
        writer._buffer = ArrayPool<byte>.Shared.Rent(FirstBuffer);
        writer._length = 0;
        writer._any = false;
        writer._format = format;
        if (format is LogFormat.Tskv or LogFormat.Raw) writer.Append("tskv"u8);
        else if (format == LogFormat.Json) writer.Append("{"u8);
        return writer;
    }

    /// <summary>Ends the line, and hands its buffer over.</summary>
    public LogLine Finish()
    {
        Append(_format == LogFormat.Json ? "}\n"u8 : "\n"u8);
        var line = new LogLine(_buffer, _length);
        _buffer = [];
        _idle = this;
        return line;
    }

    /// <summary>Adds when it happened, and how severe it is, where the format has that.</summary>
    public void AddHead(DateTimeOffset timestamp, LogLevel level)
    {
        if (_format == LogFormat.Raw) return;
        BeginPair();
        Append("timestamp"u8);
        Assign();
        int length;
        while (!timestamp.TryFormat(_buffer.AsSpan(_length), out length, Time, CultureInfo.InvariantCulture)) Grow();
        _length += length;
        EndValue();
        Add("level"u8, LevelName(level));
    }

    /// <summary>Adds a value of the record itself.</summary>
    public void Add(ReadOnlySpan<byte> key, ReadOnlySpan<char> value)
    {
        BeginPair();
        Append(key);
        Assign();
        AddValue(value);
    }

    /// <summary>Adds a value of the user's.</summary>
    public void AddExtra(ReadOnlySpan<char> key, object? value)
    {
        BeginPair();
        AddKey(key);
        Assign();
        Span<char> small = stackalloc char[128];

        // Of dates the invariant culture has the month first.
        ReadOnlySpan<char> format = value is DateTime or DateTimeOffset or DateOnly ? "O" : "";
        if (value is ISpanFormattable number
            && number.TryFormat(small, out int length, format, CultureInfo.InvariantCulture))
        {
            AddValue(small[..length]);
        }
        else
        {
            AddValue(Convert.ToString(value, CultureInfo.InvariantCulture));
        }
    }

    /// <summary>Encodes a text that is a line already; line feeds that it has all the same become spaces.</summary>
    public static LogLine Encode(ReadOnlySpan<char> text)
    {
        LogLineWriter writer = Start(LogFormat.Ltsv);
        for (int at; (at = text.IndexOfAny('\n', '\r')) >= 0; text = text[(at + 1)..])
        {
            writer.AppendPlain(text[..at]);
            writer.Append(" "u8);
        }

        writer.AppendPlain(text);
        return writer.Finish();
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

    private void BeginPair()
    {
        if (_format == LogFormat.Json) Append(_any ? ",\""u8 : "\""u8);
        else if (_any || _format != LogFormat.Ltsv) Append("\t"u8);
        _any = true;
    }

    private void Assign() => Append(_format switch
    {
        LogFormat.Json => "\":\""u8,
        LogFormat.Ltsv => ":"u8,
        _ => "="u8,
    });

    private void EndValue()
    {
        if (_format == LogFormat.Json) Append("\""u8);
    }

    private void AddKey(ReadOnlySpan<char> key)
    {
        Span<char> name = key.Length <= 128 ? stackalloc char[128] : new char[key.Length];
        name = name[..key.ToLowerInvariant(name)];
        name.Replace('.', '_');
        AppendEscaped(name, _format switch
        {
            LogFormat.Json => _jsonSpecials,
            LogFormat.Ltsv => _ltsvKeySpecials,
            _ => _tskvKeySpecials,
        });
        foreach (string reserved in _reserved)
            if (name.SequenceEqual(reserved)) Append("_"u8);
    }

    private void AddValue(ReadOnlySpan<char> value)
    {
        if (value.Length > MaxValue)
            value = value[..(char.IsHighSurrogate(value[MaxValue - 1]) ? MaxValue - 1 : MaxValue)];
        AppendEscaped(value, _format == LogFormat.Json ? _jsonSpecials : _valueSpecials);
        EndValue();
    }

    private void AppendEscaped(ReadOnlySpan<char> text, SearchValues<char> specials)
    {
        for (int at; (at = text.IndexOfAny(specials)) >= 0; text = text[(at + 1)..])
        {
            AppendPlain(text[..at]);
            AppendEscape(text[at]);
        }

        AppendPlain(text);
    }

    private void AppendEscape(char special)
    {
        switch (special)
        {
            case '\t': Append("\\t"u8); break;
            case '\n': Append("\\n"u8); break;
            case '\r': Append("\\r"u8); break;
            case '\\': Append("\\\\"u8); break;
            case '"': Append("\\\""u8); break;
            case '=': Append("\\="u8); break;
            case ':': Append("\\:"u8); break;
            case '\0' when _format != LogFormat.Json: Append("\\0"u8); break;
            default:
                Append("\\u"u8);
                for (int shift = 12; shift >= 0; shift -= 4) Append(["0123456789abcdef"u8[(special >> shift) & 15]]);
                break;
        }
    }

    private void AppendPlain(ReadOnlySpan<char> text)
    {
        while (true)
        {
            // Half a surrogate pair becomes U+FFFD.
            Utf8.FromUtf16(text, _buffer.AsSpan(_length), out int read, out int written, replaceInvalidSequences: true);
            _length += written;
            text = text[read..];
            if (text.IsEmpty) return;
            Grow();
        }
    }

    private void Append(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.TryCopyTo(_buffer.AsSpan(_length))) Grow();
        _length += bytes.Length;
    }

    private void Grow()
    {
        byte[] larger = ArrayPool<byte>.Shared.Rent(_buffer.Length * 2);
        _buffer.AsSpan(0, _length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }
}
