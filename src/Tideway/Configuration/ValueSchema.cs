using System.Text.Json.Nodes;

namespace Tideway.Configuration;

/// <summary>Derives JSON Schema of values as they stand in JSON: each has exactly its type.</summary>
internal static class ValueSchema
{
    /// <summary>Makes the schema of a value.</summary>
    /// <param name="type">Its type.</param>
    /// <param name="range">Its bounds, or those of its items; null for none.</param>
    /// <param name="path">Where it stands: names tell the units of durations.</param>
    public static JsonObject Of(OptionType type, OptionRange? range, ConfigPath path) => type.Kind switch
    {
        OptionKind.Boolean => Typed("boolean"),
        OptionKind.Int32 => ConfigSchema.AddBounds(
            Typed("integer"),
            new OptionRange(range?.Min ?? int.MinValue, range?.Max ?? int.MaxValue),
            "minimum",
            "maximum"),
        OptionKind.Int64 => ConfigSchema.AddBounds(Typed("integer"), range, "minimum", "maximum"),
        OptionKind.Double => ConfigSchema.AddBounds(Typed("number"), range, "minimum", "maximum"),
        OptionKind.String => Typed("string"),
        OptionKind.Duration => OfDuration(path),
        OptionKind.Enum => new JsonObject
        {
            ["enum"] = new JsonArray([.. type.EnumValues.Keys.Select(name => JsonValue.Create(name))]),
        },
        OptionKind.Record => OfRecord(type.Record!, path),
        OptionKind.List => With(Typed("array"), "items", Of(type.Element!, range, path)),
        OptionKind.Map => With(Typed("object"), "additionalProperties", Of(type.Element!, range, path)),
        _ => [],
    };

    private static JsonObject OfDuration(ConfigPath path)
    {
        string unit = path.Unit ?? "s";
        return new JsonObject
        {
            ["type"] = new JsonArray("integer", "string"),
            ["minimum"] = 0,
            ["pattern"] = $"^{ConfigDuration.Pattern}$",
            ["$comment"] = $"A number counts {unit}; a string may name another unit: ms, s, m, h or d.",
        };
    }

    private static JsonObject OfRecord(ConfigRecord record, ConfigPath path)
    {
        var properties = new JsonObject();
        foreach (ConfigOption option in record.Options)
        {
            ConfigPath at = path.Key(option.Key);
            JsonObject schema = Of(option.Type, option.Range, at);
            if (option.Description is { } description) schema["description"] = description;
            if (!option.IsRequired && ValueJson.Of(option.Type, option.Default, at) is { } value)
                schema["default"] = value;
            (string least, string most) = option.Type.Kind switch
            {
                OptionKind.List => ("minItems", "maxItems"),
                OptionKind.Map => ("minProperties", "maxProperties"),
                _ => ("minLength", "maxLength"),
            };
            properties[option.Key] = ConfigSchema.AddBounds(schema, option.Length, least, most);
        }

        JsonObject json = With(Typed("object"), "properties", properties);
        json["additionalProperties"] = false;
        JsonNode?[] required =
            [.. record.Options.Where(option => option.IsRequired).Select(option => JsonValue.Create(option.Key))];
        return required.Length == 0 ? json : With(json, "required", new JsonArray(required));
    }

    private static JsonObject Typed(string type) => new() { ["type"] = type };

    private static JsonObject With(JsonObject schema, string key, JsonNode value)
    {
        schema[key] = value;
        return schema;
    }
}
