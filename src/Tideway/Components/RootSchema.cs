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
                component.Name, OfComponent(component.ConfigType))));
        return root;
    }

    // A component that is not loaded may lack what it requires.
    private static JsonObject OfComponent(Type configType)
    {
        JsonObject schema = ConfigSchema.For(configType);
        if (schema["allOf"] is not { } required)
            return schema;
        schema.Remove("allOf");
        schema["if"] = new JsonObject
        {
            ["required"] = new JsonArray("load-enabled"),
            ["properties"] = new JsonObject { ["load-enabled"] = new JsonObject { ["const"] = false } },
        };
        schema["else"] = new JsonObject { ["allOf"] = required };
        return schema;
    }
}
