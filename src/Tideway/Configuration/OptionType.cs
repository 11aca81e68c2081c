using System.Reflection;
using System.Text.Json;

namespace Tideway.Configuration;

/// <summary>The type of an option, of a list's items or of a map's values.</summary>
/// <param name="Kind">The kind of value.</param>
/// <param name="ClrType">The C# type, without <see cref="Nullable{T}"/>.</param>
internal sealed record OptionType(OptionKind Kind, Type ClrType)
{
    /// <summary>The type of the items of a list or the values of a map.</summary>
    public OptionType? Element { get; private init; }

    /// <summary>The options of a record.</summary>
    public ConfigRecord? Record { get; private init; }

    /// <summary>The values of an enum by their names in the file.</summary>
    public IReadOnlyDictionary<string, object> EnumValues { get; private init; } = new Dictionary<string, object>();

    public bool IsScalar => Kind <= OptionKind.Enum;

    /// <summary>What a value must be, for "expected ..." in messages.</summary>
    public string Expectation => Kind switch
    {
        OptionKind.Boolean => "true or false",
        OptionKind.Int32 or OptionKind.Int64 => "an integer",
        OptionKind.Double => "a number",
        OptionKind.String => "a string",
        OptionKind.Duration => "a duration such as 500ms, 30s, 5m, 2h or 1d",
        OptionKind.Enum => $"one of {string.Join(", ", EnumValues.Keys)}",
        OptionKind.List => "a list",
        OptionKind.Record or OptionKind.Map => "a map",
        _ => "a value",
    };

    /// <summary>Classifies a C# type.</summary>
    /// <param name="type">The type of a property.</param>
    /// <param name="outer">The records that the property is nested in.</param>
    /// <exception cref="InvalidOperationException">The type cannot be used in a config record.</exception>
    public static OptionType Of(Type type, IReadOnlyList<Type> outer)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type.IsEnum)
            return new OptionType(OptionKind.Enum, type) { EnumValues = ReadEnum(type) };
        if (ScalarKind(type) is { } kind)
            return new OptionType(kind, type);
        if (Argument(type, typeof(IReadOnlyList<>), 0) is { } item)
            return new OptionType(OptionKind.List, type) { Element = Of(item, outer) };
        if (Argument(type, typeof(IReadOnlyDictionary<,>), 1) is { } value)
            return new OptionType(OptionKind.Map, type) { Element = Of(value, outer) };
        return new OptionType(OptionKind.Record, type) { Record = ConfigRecord.Of(type, outer) };
    }

    /// <summary>The name in the file of an enum value.</summary>
    public string EnumName(object value) => EnumValues.First(pair => pair.Value.Equals(value)).Key;

    /// <summary>The key of a property or enum member: its <see cref="ConfigKeyAttribute"/> or kebab-case.</summary>
    public static string KeyOf(MemberInfo member) =>
        member.GetCustomAttribute<ConfigKeyAttribute>()?.Key
        ?? JsonNamingPolicy.KebabCaseLower.ConvertName(member.Name);

    private static OptionKind? ScalarKind(Type type) =>
        type == typeof(bool) ? OptionKind.Boolean
        : type == typeof(int) ? OptionKind.Int32
        : type == typeof(long) ? OptionKind.Int64
        : type == typeof(double) ? OptionKind.Double
        : type == typeof(string) ? OptionKind.String
        : type == typeof(TimeSpan) ? OptionKind.Duration
        : type == typeof(ConfigNode) ? OptionKind.Raw
        : null;

    private static Dictionary<string, object> ReadEnum(Type type) => type
        .GetFields(BindingFlags.Public | BindingFlags.Static)
        .ToDictionary(KeyOf, field => field.GetValue(null)!);

    private static Type? Argument(Type type, Type generic, int index) =>
        type.IsGenericType && type.GetGenericTypeDefinition() == generic ? type.GetGenericArguments()[index] : null;
}
