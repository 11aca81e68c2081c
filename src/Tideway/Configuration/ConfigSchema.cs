using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Tideway.Configuration;

/// <summary>Derives JSON Schema (draft 2020-12) from config records, so that editors complete and check
/// files.</summary>
/// <remarks>A schema accepts all that the loader accepts: a string that begins with <c>$</c> in the place of any value,
/// <c>#env</c>, <c>#file</c> and <c>#fallback</c> beside any key, and nulls where a default exists. All members are
/// safe for concurrent use.</remarks>
public static class ConfigSchema
{
    /// <summary>The version of JSON Schema, for the <c>$schema</c> key of a root.</summary>
    public const string Draft = "https://json-schema.org/draft/2020-12/schema";

    private const string Substitute = @"^\$";

    /// <summary>Makes the schema of a section.</summary>
    /// <param name="types">The type of its record, or the types of the records that share the section.</param>
    /// <returns>A new object, without <c>$schema</c>.</returns>
    /// <exception cref="InvalidOperationException">A type cannot be a config record.</exception>
    public static JsonObject For(params IEnumerable<Type> types) =>
        OfOptions([.. types.SelectMany(type => ConfigRecord.Of(type).Options)]);

    /// <summary>Makes the schema of a map with given keys, such as the list of components.</summary>
    /// <param name="properties">The keys and the schemas of their values.</param>
    /// <param name="required">The keys that must be there.</param>
    /// <returns>A new object, which owns the given schemas.</returns>
    public static JsonObject ForMap(
        IEnumerable<KeyValuePair<string, JsonNode?>> properties, params IReadOnlyList<string> required)
    {
        var byKey = new JsonObject(properties);
        JsonObject schema = Typed(Substitute, "object", "string", "null");
        string keys = string.Join('|', byKey.Select(property => Regex.Escape(property.Key)));
        schema["patternProperties"] = new JsonObject { [$"^({keys})#(env|file|fallback)$"] = true };
        schema["properties"] = byKey;
        schema["additionalProperties"] = false;
        if (required.Count > 0)
            schema["allOf"] = new JsonArray([.. required.Select(Present)]);
        return schema;
    }

    /// <summary>Adds bounds to a schema, under the names that its type has for them.</summary>
    internal static JsonObject AddBounds(JsonObject schema, OptionRange? range, string minimum, string maximum)
    {
        if (range?.Min is { } min)
            schema[minimum] = ToJson(min);
        if (range?.Max is { } max)
            schema[maximum] = ToJson(max);
        return schema;
    }

    private static JsonObject OfOptions(IReadOnlyList<ConfigOption> options) => ForMap(
        options.Select(option => KeyValuePair.Create<string, JsonNode?>(option.Key, OfOption(option))),
        [.. options.Where(option => option.IsRequired).Select(option => option.Key)]);

    private static JsonObject OfOption(ConfigOption option)
    {
        JsonObject schema = OfType(option.Type, option.Range);
        string? note = option.NoEffect is { } reason ? $"Accepted without effect: {reason}." : null;
        string description = string.Join(' ', new[] { option.Description, note }.OfType<string>());
        if (description.Length > 0)
            schema["description"] = description;
        if (DefaultOf(option) is { } value)
            schema["default"] = value;
        // The length of a string or map is not known before substitution.
        if (option.Type.Kind == OptionKind.List)
            AddBounds(schema, option.Length, "minItems", "maxItems");
        return schema;
    }

    private static JsonObject OfType(OptionType type, OptionRange? range)
    {
        switch (type.Kind)
        {
            case OptionKind.Boolean:
                return Typed($"{Substitute}|^(?:{string.Join('|', BooleanPatterns)})$", "boolean", "string", "null");
            case OptionKind.Int32 or OptionKind.Int64:
                return AddBounds(
                    Typed($"{Substitute}|^[+-]?[0-9]+$", "integer", "string", "null"), range, "minimum", "maximum");
            case OptionKind.Double:
                return AddBounds(
                    Typed($"{Substitute}|^[+-]?[0-9.]+([eE][+-]?[0-9]+)?$", "number", "string", "null"),
                    range, "minimum", "maximum");
            case OptionKind.Duration:
                JsonObject duration = Typed($"{Substitute}|^{ConfigDuration.Pattern}$", "string", "integer", "null");
                duration["minimum"] = 0;
                return duration;
            case OptionKind.Enum:
                var names = new JsonObject { ["enum"] = Names(type.EnumValues.Keys) };
                return new JsonObject { ["anyOf"] = new JsonArray(names, Typed(Substitute, "string", "null")) };
            case OptionKind.Record:
                return OfOptions(type.Record!.Options);
            case OptionKind.List:
                JsonObject list = Typed(Substitute, "array", "string", "null");
                list["items"] = OfType(type.Element!, range);
                return list;
            case OptionKind.Map:
                JsonObject map = Typed(Substitute, "object", "string", "null");
                map["patternProperties"] = new JsonObject { ["#(env|file|fallback)$"] = true };
                map["additionalProperties"] = OfType(type.Element!, range);
                return map;
            case OptionKind.String:
                return new JsonObject { ["type"] = Names("string", "number", "boolean", "null") };
            default:
                return [];
        }
    }

    // "yes", "Yes" and "YES", as [Yy][Ee][Ss]: schemas have no way to ignore case.
    private static IEnumerable<string> BooleanPatterns =>
        ScalarReader.BooleanWords.Select(word => string.Concat(word.Select(c => $"[{char.ToUpperInvariant(c)}{c}]")));

    // The pattern concerns strings only, so the other types pass it.
    private static JsonObject Typed(string pattern, params IEnumerable<string> types) =>
        new() { ["type"] = Names(types), ["pattern"] = pattern };

    private static JsonArray Names(params IEnumerable<string> names) =>
        new([.. names.Select(name => JsonValue.Create(name))]);

    // Substitutions may stand in for the key; what is not a map passes this.
    private static JsonObject Present(string key)
    {
        string[] spellings = [key, key + "#env", key + "#file"];
        return new JsonObject
        {
            ["anyOf"] = new JsonArray(
                [.. spellings.Select(spelling => new JsonObject { ["required"] = Names(spelling) })]),
        };
    }

    private static JsonNode? DefaultOf(ConfigOption option) => option.Default switch
    {
        { } value when option.Type.Kind == OptionKind.Enum => option.Type.EnumName(value),
        { } value when option.Type.IsScalar => ToJson(value),
        _ => null,
    };

    private static JsonNode ToJson(object value) => value switch
    {
        bool b => b,
        int i => i,
        long l => l,
        double d => d,
        _ => OptionRange.Format(value),
    };
}
