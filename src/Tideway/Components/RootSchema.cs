using System.Text.Json.Nodes;
using Tideway.Configuration;

namespace Tideway.Components;

/// <summary>Composes the schema of a whole config file from those of its components.</summary>
public static class RootSchema
{
    /// <summary>Composes the JSON Schema of a file for a service that consists of the given components.</summary>
    /// <param name="components">The names of the components and the types of their config records.</param>
    /// <returns>A new object.</returns>
    /// <exception cref="InvalidOperationException">A type cannot be a config record.</exception>
    public static JsonObject Compose(IEnumerable<(string Name, Type ConfigType)> components)
    {
        JsonObject root = ConfigSchema.For(typeof(RootConfig));
        root.Insert(0, "$schema", ConfigSchema.Draft);
        JsonNode manager = root["properties"]!["components_manager"]!;
        manager["properties"]!["components"] = ConfigSchema.ForMap(components.Select(component =>
            KeyValuePair.Create<string, JsonNode?>(
                component.Name, ConfigSchema.For(component.ConfigType))));
        return root;
    }
}
