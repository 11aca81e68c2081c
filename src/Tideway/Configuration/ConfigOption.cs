using System.ComponentModel;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace Tideway.Configuration;

/// <summary>One option of a config record: what its property and the attributes on it say.</summary>
internal sealed class ConfigOption
{
    private readonly PropertyInfo _property;

    public ConfigOption(PropertyInfo property, object defaults, IReadOnlyList<Type> outer)
    {
        _property = property;
        Key = OptionType.KeyOf(property);
        Type = OptionType.Of(property.PropertyType, outer);
        IsRequired = property.IsDefined(typeof(RequiredMemberAttribute));
        Default = IsRequired ? null : property.GetValue(defaults);
        Description = property.GetCustomAttribute<DescriptionAttribute>()?.Description;
        NoEffect = property.GetCustomAttribute<NoEffectAttribute>()?.Reason;
        Range = OptionRange.OfValue(property, Scalar(Type).ClrType);
        Length = OptionRange.OfLength(property);
    }

    public string Key { get; }

    public OptionType Type { get; }

    public bool IsRequired { get; }

    /// <summary>The value of the property's initializer; null for a required option.</summary>
    public object? Default { get; }

    public string? Description { get; }

    /// <summary>Why the option changes nothing, or null if it has an effect.</summary>
    public string? NoEffect { get; }

    /// <summary>The bounds of the value, or of each item of a list or map.</summary>
    public OptionRange? Range { get; }

    /// <summary>The bounds of the number of items or characters.</summary>
    public OptionRange? Length { get; }

    public object? Get(object record) => _property.GetValue(record);

    public void Set(object record, object value) => _property.SetValue(record, value);

    private static OptionType Scalar(OptionType type) => type.Element is { } element ? Scalar(element) : type;
}
