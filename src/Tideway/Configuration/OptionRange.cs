using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;

namespace Tideway.Configuration;

/// <summary>The bounds of a value or of a length; a null bound is open.</summary>
internal sealed record OptionRange(IComparable? Min, IComparable? Max)
{
    /// <summary>Reads the <see cref="RangeAttribute"/> of a property whose scalars have the given type.</summary>
    public static OptionRange? OfValue(PropertyInfo property, Type scalar) =>
        property.GetCustomAttribute<RangeAttribute>() is { } range
            ? new OptionRange(Bound(range.Minimum, scalar, "MinValue"), Bound(range.Maximum, scalar, "MaxValue"))
            : null;

    /// <summary>Reads the <see cref="LengthAttribute"/> of a property.</summary>
    public static OptionRange? OfLength(PropertyInfo property) =>
        property.GetCustomAttribute<LengthAttribute>() is { } length
            ? new OptionRange(length.MinimumLength, length.MaximumLength == int.MaxValue ? null : length.MaximumLength)
            : null;

    /// <summary>Makes the range of a scalar's type; its extreme values leave their sides open.</summary>
    public static OptionRange Of(object min, object max, Type scalar) =>
        new(Bound(min, scalar, "MinValue"), Bound(max, scalar, "MaxValue"));

    public bool Contains(object value) => !(Min?.CompareTo(value) > 0) && !(Max?.CompareTo(value) < 0);

    /// <summary>Names the bounds, for "expected ..." in messages.</summary>
    public string Describe() => (Min, Max) switch
    {
        ({ } min, { } max) => $"{Format(min)} to {Format(max)}",
        ({ } min, null) => $"at least {Format(min)}",
        _ => $"at most {Format(Max!)}",
    };

    /// <summary>Writes a value as it is written in a file.</summary>
    public static string Format(object value) => value is TimeSpan duration
        ? ConfigDuration.Format(duration)
        : Convert.ToString(value, CultureInfo.InvariantCulture)!;

    // The extreme value of the type leaves that side open: [Range(1, int.MaxValue)] reads "at least 1".
    private static IComparable? Bound(object bound, Type scalar, string extreme)
    {
        object value = bound switch
        {
            string text when scalar == typeof(TimeSpan) => TimeSpan.Parse(text, CultureInfo.InvariantCulture),
            // The attribute keeps long bounds as doubles; the cast saturates where a double rounds past the range.
            double number when scalar == typeof(long) => (long)number,
            _ => Convert.ChangeType(bound, scalar, CultureInfo.InvariantCulture),
        };
        return value.Equals(scalar.GetField(extreme)!.GetValue(null)) ? null : (IComparable)value;
    }
}
