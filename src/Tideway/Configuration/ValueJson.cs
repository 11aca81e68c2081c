using System.Collections;
using System.Text.Json.Nodes;

namespace Tideway.Configuration;

/// <summary>Writes values of options as the JSON that they are read from.</summary>
internal static class ValueJson
{
    /// <summary>Writes a value; null for none.</summary>
    /// <param name="type">Its type.</param>
    /// <param name="value">The value.</param>
    /// <param name="path">Where it stands: names tell the units of durations.</param>
    public static JsonNode? Of(OptionType type, object? value, ConfigPath path) => type.Kind switch
    {
        _ when value is null => null,
        OptionKind.Boolean => (bool)value,
        OptionKind.Int32 => (int)value,
        OptionKind.Int64 => (long)value,
        OptionKind.Double => (double)value,
        OptionKind.Duration => OfDuration((TimeSpan)value, path),
        OptionKind.Enum => type.EnumName(value),
        OptionKind.Record => OfRecord(type.Record!, value, path),
        OptionKind.List => new JsonArray(
            [.. ((IEnumerable)value).Cast<object?>().Select((item, i) => Of(type.Element!, item, path.Index(i)))]),
        OptionKind.Map => OfMap(type.Element!, (IDictionary)value, path),
        OptionKind.Raw => OfNode((ConfigNode)value),
        _ => (string)value,
    };

    private static JsonNode OfDuration(TimeSpan value, ConfigPath path)
    {
        long? count = path.Unit is { } unit ? ConfigDuration.CountOf(value, unit) : null;
        return count is { } number ? number : ConfigDuration.Format(value);
    }

    private static JsonObject OfRecord(ConfigRecord record, object value, ConfigPath path)
    {
        var members = new JsonObject();
        foreach (ConfigOption option in record.Options)
        {
            if (Of(option.Type, option.Get(value), path.Key(option.Key)) is { } json) members[option.Key] = json;
        }

        return members;
    }

    private static JsonObject OfMap(OptionType element, IDictionary map, ConfigPath path)
    {
        var members = new JsonObject();
        foreach (DictionaryEntry entry in map)
            members[(string)entry.Key] = Of(element, entry.Value, path.Key((string)entry.Key));
        return members;
    }

    /// <summary>Writes a node whose scalars have types.</summary>
    public static JsonNode? OfNode(ConfigNode node)
    {
        using var buffer = new MemoryStream();
        using (var writer = new System.Text.Json.Utf8JsonWriter(buffer)) ConfigJson.Write(writer, node);
        return JsonNode.Parse(buffer.ToArray());
    }
}
