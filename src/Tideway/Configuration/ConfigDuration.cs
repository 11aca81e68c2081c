using System.Globalization;

namespace Tideway.Configuration;

/// <summary>Reads and writes durations: a whole number and <c>ms</c>, <c>s</c>, <c>m</c>, <c>h</c> or
/// <c>d</c>.</summary>
internal static class ConfigDuration
{
    /// <summary>What a duration looks like, as a regular expression.</summary>
    public const string Pattern = "[0-9]+(ms|s|m|h|d)?";

    // The largest first: the first unit that divides a duration is the one to write it in.
    private static readonly (string Name, long Ticks)[] _units =
    [
        ("d", TimeSpan.TicksPerDay),
        ("h", TimeSpan.TicksPerHour),
        ("m", TimeSpan.TicksPerMinute),
        ("s", TimeSpan.TicksPerSecond),
        ("ms", TimeSpan.TicksPerMillisecond),
    ];

    // The last part of a name of which a number's unit follows.
    private static readonly Dictionary<string, string> _unitsByName = new(StringComparer.OrdinalIgnoreCase)
    {
        ["ms"] = "ms",
        ["milliseconds"] = "ms",
        ["sec"] = "s",
        ["seconds"] = "s",
        ["minutes"] = "m",
        ["hours"] = "h",
        ["days"] = "d",
    };

    /// <summary>Finds the unit that a name ends in, behind <c>_</c> or <c>-</c>; null for none.</summary>
    public static string? UnitOf(string name)
    {
        int end = name.LastIndexOfAny(['_', '-']);
        return end < 0 ? null : _unitsByName.GetValueOrDefault(name[(end + 1)..]);
    }

    /// <summary>Counts whole units of a duration; null when it is not a whole number of them.</summary>
    public static long? CountOf(TimeSpan duration, string unit)
    {
        long size = _units.First(known => known.Name == unit).Ticks;
        return duration.Ticks % size == 0 ? duration.Ticks / size : null;
    }

    /// <summary>Reads a duration; a number without a unit counts seconds.</summary>
    public static bool TryParse(string text, out TimeSpan duration)
    {
        int digits = text.AsSpan().IndexOfAnyExceptInRange('0', '9');
        string unit = digits < 0 ? "s" : text[digits..];
        long ticks = _units.FirstOrDefault(known => known.Name == unit).Ticks;
        bool isNumber = long.TryParse(
            digits < 0 ? text : text[..digits], NumberStyles.None, CultureInfo.InvariantCulture, out long count);
        bool isDuration = isNumber && ticks > 0 && count <= long.MaxValue / ticks;
        duration = isDuration ? TimeSpan.FromTicks(count * ticks) : default;
        return isDuration;
    }

    /// <summary>Writes a duration in the largest unit that keeps it whole; parts of a millisecond are cut
    /// off.</summary>
    public static string Format(TimeSpan duration)
    {
        if (duration < TimeSpan.FromMilliseconds(1))
            return "0s";
        long ticks = duration.Ticks - (duration.Ticks % TimeSpan.TicksPerMillisecond);
        (string name, long size) = _units.First(unit => ticks % unit.Ticks == 0);
        return string.Create(CultureInfo.InvariantCulture, $"{ticks / size}{name}");
    }
}
