using System.Globalization;

namespace Tideway.Configuration;

/// <summary>Reads scalars as the types that options have.</summary>
internal static class ScalarReader
{
    private static readonly string[] _true = ["true", "yes", "on", "y"];
    private static readonly string[] _false = ["false", "no", "off", "n"];

    /// <summary>The words that stand for true and false, in lower case.</summary>
    public static IEnumerable<string> BooleanWords => [.. _true, .. _false];

    /// <summary>Reads the value, or null when the text is not of the type.</summary>
    public static object? Read(string text, OptionType type) => type.Kind switch
    {
        OptionKind.String => text,
        OptionKind.Boolean => ReadBoolean(text),
        OptionKind.Int32 =>
            int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int i) ? i : null,
        OptionKind.Int64 =>
            long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long l) ? l : null,
        OptionKind.Double => ReadDouble(text),
        OptionKind.Duration => ConfigDuration.TryParse(text, out TimeSpan duration) ? duration : null,
        OptionKind.Enum => type.EnumValues.GetValueOrDefault(text),
        _ => throw new InvalidOperationException($"{type.ClrType} is not read from a scalar."),
    };

    private static bool? ReadBoolean(string text) =>
        _true.Contains(text, StringComparer.OrdinalIgnoreCase) ? true
        : _false.Contains(text, StringComparer.OrdinalIgnoreCase) ? false
        : null;

    // No infinities and no NaN: no option means them, and both slip through comparisons.
    private static double? ReadDouble(string text)
    {
        const NumberStyles style =
            NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        bool isNumber = double.TryParse(text, style, CultureInfo.InvariantCulture, out double d);
        return isNumber && double.IsFinite(d) ? d : null;
    }
}
