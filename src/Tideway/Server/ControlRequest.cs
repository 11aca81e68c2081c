using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Tideway.Server;

/// <summary>What a functional test asks for: a JSON object, read with errors that say what was expected.</summary>
internal sealed class ControlRequest(JsonObject body, string path = "")
{
    private static readonly JsonDocumentOptions _strict = new() { AllowDuplicateProperties = false };

    /// <summary>Reads the body of a request; an empty one, and null, are an object without members.</summary>
    /// <exception cref="ControlException">It is no JSON object.</exception>
    public static ControlRequest Parse(byte[] body)
    {
        try
        {
            JsonNode? json = body.Length == 0 ? null : JsonNode.Parse(body, documentOptions: _strict);
            return json is null or JsonObject
                ? new ControlRequest(json as JsonObject ?? [])
                : throw Wrong($"the body is {Describe(json)}, expected an object");
        }
        catch (JsonException exception)
        {
            throw Wrong("the body is not JSON: " + exception.Message);
        }
    }

    /// <summary>Tells whether a member is there, be it null.</summary>
    public bool Has(string key) => body.ContainsKey(key);

    /// <summary>Reads an object; null if there is none.</summary>
    public ControlRequest? Object(string key) => body[key] switch
    {
        null => null,
        JsonObject member => new ControlRequest(member, $"{path}{key}."),
        { } other => throw Unexpected(key, other, "an object"),
    };

    /// <summary>Reads a string; null if there is none.</summary>
    public string? Text(string key) => body[key] switch
    {
        null => null,
        { } member when member.GetValueKind() == JsonValueKind.String => (string)member!,
        { } other => throw Unexpected(key, other, "a string"),
    };

    /// <summary>Reads a string that has to be there.</summary>
    public string RequiredText(string key) => Text(key) ?? throw Missing(key, "a string");

    /// <summary>Reads a truth value that has to be there.</summary>
    public bool RequiredFlag(string key) => body[key] switch
    {
        null => throw Missing(key, "true or false"),
        { } member when member.GetValueKind() is JsonValueKind.True or JsonValueKind.False => (bool)member,
        { } other => throw Unexpected(key, other, "true or false"),
    };

    /// <summary>Reads a list of strings; null if there is none.</summary>
    public IReadOnlyList<string>? Names(string key) => body[key] switch
    {
        null => null,
        JsonArray list when list.All(item => item?.GetValueKind() == JsonValueKind.String) =>
            [.. list.Select(item => (string)item!)],
        { } other => throw Unexpected(key, other, "a list of strings"),
    };

    /// <summary>Reads a list of strings that has to be there.</summary>
    public IReadOnlyList<string> RequiredNames(string key) => Names(key) ?? throw Missing(key, "a list of strings");

    /// <summary>Reads a time, of UTC when it has no zone; null if there is none.</summary>
    public DateTimeOffset? Time(string key)
    {
        if (Text(key) is not { } text) return null;
        return DateTimeOffset.TryParse(
            text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset time)
            ? time
            : throw Wrong($"'{path}{key}' is '{text}', expected a time such as 2026-01-31T12:00:00Z");
    }

    /// <summary>Reads one of several words; null if there is none.</summary>
    public T? Word<T>(string key, IReadOnlyDictionary<string, T> words)
        where T : struct
    {
        if (Text(key) is not { } text) return null;
        return words.TryGetValue(text, out T value)
            ? value
            : throw Wrong($"'{path}{key}' is '{text}', expected one of {string.Join(", ", words.Keys)}");
    }

    private ControlException Missing(string key, string expectation) =>
        Wrong($"'{path}{key}' is missing, expected {expectation}");

    private ControlException Unexpected(string key, JsonNode found, string expectation) =>
        Wrong($"'{path}{key}' is {Describe(found)}, expected {expectation}");

    private static ControlException Wrong(string message) => new(StatusCodes.Status400BadRequest, message);

    private static string Describe(JsonNode node)
    {
        string json = node.ToJsonString();
        return json.Length <= 60 ? json : json[..60] + "...";
    }
}
