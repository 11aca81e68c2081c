using Tideway.Configuration;

namespace Tideway.DynamicConfig;

/// <summary>Declares a variable of the dynamic config.</summary>
/// <remarks><para>Declare it once, as a static readonly field next to what it steers, and read it with
/// <see cref="DynamicConfigSource.Get{T}"/>: that is as cheap as a field. Fields of the assemblies that the service's
/// components come from are found at the start.</para>
/// <para>A type is one of bool, int, long, double, string, TimeSpan, an enum, a record as config sections have them, or
/// an <c>IReadOnlyList</c> or <c>IReadOnlyDictionary</c> with string keys of those. Durations are whole numbers whose
/// unit is the end of their name (<c>_MS</c>, <c>_SECONDS</c>, <c>_MINUTES</c>, <c>_HOURS</c>, <c>_DAYS</c>; seconds
/// without one), or strings such as <c>"500ms"</c>.</para>
/// <para>Immutable; safe for any thread.</para></remarks>
/// <typeparam name="T">The type of its values.</typeparam>
public sealed class DynamicConfigKey<T> : DynamicConfigKey
    where T : notnull
{
    private readonly DynamicConfigValue<T> _default;
    private readonly Func<T, string?>? _validate;

    /// <summary>Declares a variable.</summary>
    /// <param name="name">Its name: upper case, with underscores.</param>
    /// <param name="defaultValue">Its value where nobody gives another. Not to be changed afterwards.</param>
    /// <param name="description">What it steers: a sentence for the reference.</param>
    /// <param name="validate">Looks at a value before it is taken: answers null, or what was expected, as in
    /// <c>expected an even number</c>. Runs on any thread.</param>
    /// <exception cref="ArgumentException">The name or the description is none.</exception>
    /// <exception cref="InvalidOperationException">The type cannot be that of a variable.</exception>
    public DynamicConfigKey(
        string name, T defaultValue, string description, Func<T, string?>? validate = null)
        : base(name, description, typeof(T))
    {
        ArgumentNullException.ThrowIfNull(defaultValue);
        _default = new DynamicConfigValue<T>(defaultValue);
        _validate = validate;
    }

    /// <summary>The value where nobody gives another.</summary>
    public T Default => _default.Value;

    /// <summary>The least and the greatest value; for numbers and durations. The extreme value of the type leaves its
    /// side open.</summary>
    /// <remarks>Defaults to null: any.</remarks>
    public (T Least, T Greatest)? Range { get; init; }

    internal override DynamicConfigValue DefaultValue => _default;

    internal override OptionRange? Bounds => Range is var (least, greatest)
        ? OptionRange.Of(least, greatest, Type.ClrType)
        : null;

    private protected override DynamicConfigValue Box(object value) => new DynamicConfigValue<T>((T)value);

    private protected override string? Check(DynamicConfigValue value)
    {
        const int LongestComplaint = 200;
        try
        {
            string? complaint = _validate?.Invoke(((DynamicConfigValue<T>)value).Value);
            return complaint?.Length > LongestComplaint ? complaint[..LongestComplaint] + "..." : complaint;
        }
        catch (Exception exception)
        {
            // A check that fails is no reason to take the value.
            return $"its check failed: {exception.GetType()}";
        }
    }
}
