using System.Text.Json.Nodes;
using Tideway.Configuration;

namespace Tideway.DynamicConfig;

/// <summary>Tells of variables as documents do: their defaults, and the schema of what replaces them.</summary>
internal static class DynamicConfigSchema
{
    /// <summary>The defaults of all variables, by name.</summary>
    public static JsonObject DefaultsOf(DynamicConfigKeys keys) => Members(keys, key => key.DefaultJson);

    /// <summary>The defaults of all variables, with values in place of the code's.</summary>
    public static JsonObject DefaultsOf(DynamicConfigKeys keys, IReadOnlyDictionary<string, ConfigNode> values)
    {
        JsonObject defaults = DefaultsOf(keys);
        foreach ((string name, ConfigNode value) in values) defaults[name] = ValueJson.OfNode(value);
        return defaults;
    }

    /// <summary>The JSON Schema of a document of values.</summary>
    public static JsonObject Of(DynamicConfigKeys keys) => new()
    {
        ["$schema"] = ConfigSchema.Draft,
        ["type"] = "object",
        ["properties"] = Members(keys, key => key.ToSchema()),
    };

    private static JsonObject Members(DynamicConfigKeys keys, Func<DynamicConfigKey, JsonNode?> member) =>
        new(keys.Distinct.Select(key => KeyValuePair.Create(key.Name, member(key))));
}
