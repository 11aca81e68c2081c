using System.Text;

namespace Tideway.Configuration;

/// <summary>Writes the options of config records as Markdown tables, for reference pages.</summary>
/// <remarks>All members are safe for concurrent use.</remarks>
public static class OptionTable
{
    /// <summary>Makes a table with one row for each option: key, type, default and description.</summary>
    /// <param name="type">The record's type.</param>
    /// <returns>The table; keys of nested records are dotted, <c>[]</c> stands for items of a list and
    /// <c>&lt;name&gt;</c> for keys of a map.</returns>
    /// <exception cref="InvalidOperationException">The type cannot be a config record.</exception>
    public static string For(Type type)
    {
        var table = new StringBuilder("| Key | Type | Default | Description |\n|---|---|---|---|\n");
        AddRows(table, ConfigRecord.Of(type), "");
        return table.ToString();
    }

    private static void AddRows(StringBuilder table, ConfigRecord record, string prefix)
    {
        foreach (ConfigOption option in record.Options)
        {
            string key = prefix + option.Key;
            table.Append($"| `{key}` | {TypeOf(option)} | {DefaultOf(option)} | {Describe(option)} |\n");
            AddNested(table, option.Type, key);
        }
    }

    private static void AddNested(StringBuilder table, OptionType type, string key)
    {
        if (type.Record is { } record)
            AddRows(table, record, key + ".");
        else if (type.Element is { } element)
            AddNested(table, element, key + (type.Kind == OptionKind.List ? "[]" : ".<name>"));
    }

    private static string TypeOf(ConfigOption option)
    {
        IEnumerable<string?> parts =
        [
            NameOf(option.Type),
            option.Range?.Describe(),
            option.Length is { } length ? $"length {length.Describe()}" : null,
        ];
        return string.Join(", ", parts.OfType<string>());
    }

    /// <summary>Names a type, as the tables do.</summary>
    internal static string NameOf(OptionType type) => type.Kind switch
    {
        OptionKind.Boolean => "boolean",
        OptionKind.Int32 or OptionKind.Int64 => "integer",
        OptionKind.Double => "number",
        OptionKind.String => "string",
        OptionKind.Duration => "duration",
        OptionKind.Enum => string.Join(" or ", type.EnumValues.Keys.Select(name => $"`{name}`")),
        OptionKind.Record => "section",
        OptionKind.List => $"list of {NameOf(type.Element!)}",
        OptionKind.Map => $"map of {NameOf(type.Element!)}",
        _ => "any",
    };

    private static string DefaultOf(ConfigOption option) => option.Default switch
    {
        _ when option.IsRequired => "required",
        { } value when option.Type.Kind == OptionKind.Enum => $"`{option.Type.EnumName(value)}`",
        "" => "`''`",
        bool value => value ? "`true`" : "`false`",
        { } value when option.Type.IsScalar => $"`{OptionRange.Format(value)}`",
        _ => "",
    };

    private static string Describe(ConfigOption option)
    {
        string? note = option.NoEffect is { } reason ? $"*Accepted without effect: {reason}.*" : null;
        return string.Join(' ', new[] { option.Description, note }.OfType<string>()).Replace("|", "\\|");
    }
}
