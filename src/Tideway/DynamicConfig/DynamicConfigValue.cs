namespace Tideway.DynamicConfig;

/// <summary>The value of one variable, of whatever type. Immutable.</summary>
internal abstract class DynamicConfigValue
{
    public abstract object Boxed { get; }
}

/// <summary>The value of one variable.</summary>
internal sealed class DynamicConfigValue<T>(T value) : DynamicConfigValue
    where T : notnull
{
    public T Value { get; } = value;

    public override object Boxed => Value;
}
