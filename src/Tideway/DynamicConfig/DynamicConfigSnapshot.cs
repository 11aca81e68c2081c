using System.Runtime.CompilerServices;

namespace Tideway.DynamicConfig;

/// <summary>The values of all variables at one moment.</summary>
/// <remarks>Immutable; safe for any thread. Take one to read several variables that belong together.</remarks>
public sealed class DynamicConfigSnapshot
{
    /// <summary>What there is before any values: the defaults of the code.</summary>
    internal static readonly DynamicConfigSnapshot Defaults = new([], 0);

    private readonly DynamicConfigValue?[] _values;

    internal DynamicConfigSnapshot(DynamicConfigValue?[] values, long version)
    {
        _values = values;
        Version = version;
    }

    /// <summary>Counts the snapshots of a source.</summary>
    internal long Version { get; }

    /// <summary>Reads a variable.</summary>
    /// <typeparam name="T">The type of its values.</typeparam>
    /// <param name="key">The variable.</param>
    /// <returns>Its value; the default when nobody gave another.</returns>
    public T Get<T>(DynamicConfigKey<T> key)
        where T : notnull
    {
        ArgumentNullException.ThrowIfNull(key);
        DynamicConfigValue?[] values = _values;
        int index = key.Index;

        // An index is one key's alone, so what stands there has the key's type.
        return (uint)index < (uint)values.Length && values[index] is { } value
            ? Unsafe.As<DynamicConfigValue<T>>(value).Value
            : key.Default;
    }

    /// <summary>Finds the value of a variable without knowing its type.</summary>
    internal DynamicConfigValue ValueOf(DynamicConfigKey key) =>
        (key.Index < _values.Length ? _values[key.Index] : null) ?? key.DefaultValue;

    /// <summary>Tells whether a variable has the same value in another snapshot of the same source.</summary>
    /// <remarks>A value that stays is carried over, so no values are compared.</remarks>
    internal bool IsSame(DynamicConfigSnapshot other, DynamicConfigKey key) =>
        ReferenceEquals(ValueOf(key), other.ValueOf(key));
}
