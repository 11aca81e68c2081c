using System.Text.Json;
using Tideway.Configuration;

namespace Tideway.DynamicConfig;

/// <summary>What a config service answered.</summary>
/// <param name="Values">The values by name: all of them, or those that changed.</param>
/// <param name="UpdatedAt">The moment of the last change, to ask for changes since then.</param>
/// <param name="Removed">The names that have no value any more.</param>
/// <param name="Enabled">Kill switches whose value counts.</param>
/// <param name="Disabled">Kill switches for which the defaults count, whatever their value.</param>
internal sealed record ConfigsReply(
    IReadOnlyDictionary<string, ConfigNode> Values,
    string UpdatedAt,
    IReadOnlyList<string> Removed,
    IReadOnlyList<string> Enabled,
    IReadOnlyList<string> Disabled)
{
    /// <summary>How long a moment may be: it is kept, logged, and sent with every request.</summary>
    private const int LongestMoment = 200;

    private static readonly JsonDocumentOptions _strict = new() { AllowDuplicateProperties = false };

    /// <summary>Whether nothing changed.</summary>
    public bool IsEmpty => Values.Count + Removed.Count + Enabled.Count + Disabled.Count == 0;

    /// <summary>Reads an answer.</summary>
    /// <exception cref="JsonException">It is no JSON.</exception>
    /// <exception cref="InvalidDataException">It is not what a config service answers.</exception>
    public static ConfigsReply Parse(byte[] json, string origin)
    {
        try
        {
            using var document = JsonDocument.Parse(json, _strict);
            return Read(document.RootElement, origin);
        }
        catch (InvalidOperationException)
        {
            throw new InvalidDataException(ConfigJson.NoText);
        }
    }

    private static ConfigsReply Read(JsonElement root, string origin)
    {
        if (root.ValueKind != JsonValueKind.Object) throw new InvalidDataException("the answer is no object");
        if (Member(root, "updated_at", JsonValueKind.String)?.GetString() is not { } updatedAt)
            throw new InvalidDataException("'updated_at' is missing");
        if (updatedAt.Length > LongestMoment)
            throw new InvalidDataException($"'updated_at' is longer than {LongestMoment} characters");
        ConfigLocation location = ConfigLocation.WholeFile(origin);
        Dictionary<string, ConfigNode> values = Member(root, "configs", JsonValueKind.Object) is { } configs
            ? configs.EnumerateObject().ToDictionary(
                member => member.Name,
                member => ConfigJson.From(member.Value, ConfigPath.Root.Key(member.Name), location))
            : [];
        return new ConfigsReply(
            values,
            updatedAt,
            Names(root, "removed"),
            Names(root, "kill_switches_enabled"),
            Names(root, "kill_switches_disabled"));
    }

    private static string[] Names(JsonElement root, string key)
    {
        if (Member(root, key, JsonValueKind.Array) is not { } names) return [];
        return names.EnumerateArray().All(name => name.ValueKind == JsonValueKind.String)
            ? [.. names.EnumerateArray().Select(name => name.GetString()!)]
            : throw new InvalidDataException($"'{key}' is no list of names");
    }

    private static JsonElement? Member(JsonElement root, string key, JsonValueKind kind)
    {
        if (!root.TryGetProperty(key, out JsonElement member) || member.ValueKind == JsonValueKind.Null) return null;
        return member.ValueKind == kind
            ? member
            : throw new InvalidDataException($"'{key}' is no {kind.ToString().ToLowerInvariant()}");
    }
}
