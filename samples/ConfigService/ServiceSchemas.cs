using System.Text.Json;
using System.Text.RegularExpressions;
using Json.Pointer;
using Json.Schema;

namespace ConfigService;

/// <summary>What a service has published: a schema for each of its variables. Immutable.</summary>
internal sealed class ServiceSchemas
{
    private readonly Dictionary<string, (JsonElement Text, JsonSchema Schema)> _variables = [];

    static ServiceSchemas()
    {
        ErrorMessages.Type = "expected [[expected]], found [[received]]";
        ErrorMessages.Enum = "expected one of [[values]]";
        ErrorMessages.Pattern = "expected a text that matches [[pattern]]";
        ErrorMessages.FalseSchema = "there is no such key";
    }

    /// <summary>Reads what <c>--print-dynamic-config-schema</c> prints.</summary>
    /// <exception cref="RequestRefusedException">It is something else.</exception>
    public ServiceSchemas(string service, JsonElement document)
    {
        Service = service;
        if (document.ValueKind != JsonValueKind.Object
            || !document.TryGetProperty("properties", out JsonElement properties)
            || properties.ValueKind != JsonValueKind.Object)
        {
            throw new RequestRefusedException(
                422, "expected what --print-dynamic-config-schema prints: an object with 'properties'");
        }

        foreach (JsonProperty variable in properties.EnumerateObject())
            _variables[variable.Name] = (variable.Value, Build(variable));
    }

    public string Service { get; }

    public IEnumerable<string> Names => _variables.Keys;

    /// <summary>The schema of a variable; null for one that the service does not have.</summary>
    public JsonElement? SchemaOf(string name) =>
        _variables.TryGetValue(name, out (JsonElement Text, JsonSchema) variable) ? variable.Text : null;

    /// <summary>Checks a value of a variable that the service has.</summary>
    public IEnumerable<Problem> Check(string name, JsonElement value)
    {
        try
        {
            EvaluationResults results = _variables[name].Schema.Evaluate(
                value, new EvaluationOptions { OutputFormat = OutputFormat.List });
            return
            [
                .. from result in results.IsValid ? [] : results.Details ?? [results]
                   from error in result.Errors ?? new Dictionary<string, string>()
                   select ProblemAt(name, value, result.InstanceLocation, error.Value),
            ];
        }
        catch (Exception exception) when (exception is RegexMatchTimeoutException or RefResolutionException)
        {
            return [new Problem(Service, name, null, $"the schema cannot be used: {exception.Message}")];
        }
    }

    /// <summary>Tells whether a schema has a part elsewhere: that may be itself, and checking it would never
    /// end.</summary>
    private static bool HasReference(JsonElement schema) => schema.ValueKind switch
    {
        JsonValueKind.Object => schema.EnumerateObject().Any(member => member.Name switch
        {
            "$ref" or "$dynamicRef" or "$recursiveRef" => true,
            "default" or "const" or "enum" or "examples" => false, // values, not schemas
            _ => HasReference(member.Value),
        }),
        JsonValueKind.Array => schema.EnumerateArray().Any(HasReference),
        _ => false,
    };

    private static JsonSchema Build(JsonProperty variable)
    {
        if (HasReference(variable.Value))
        {
            throw new RequestRefusedException(
                422, $"{variable.Name} has a schema with a reference; expected what it refers to in its place");
        }

        try
        {
            // A registry of its own: it goes when the schema goes, and nothing is fetched for it.
            return JsonSchema.Build(
                variable.Value,
                new BuildOptions { Dialect = Dialect.Draft202012, SchemaRegistry = new SchemaRegistry() });
        }
        catch (Exception exception) when (
            exception is JsonException or JsonSchemaException or RefResolutionException or ArgumentException)
        {
            throw new RequestRefusedException(422, $"{variable.Name} has no valid schema: {exception.Message}");
        }
    }

    /// <summary>Names a place as services do in their logs, and finds what is there.</summary>
    private Problem ProblemAt(string name, JsonElement value, JsonPointer place, string reason)
    {
        string path = name;
        for (int i = 0; i < place.SegmentCount; i++)
        {
            string segment = place.GetSegment(i).ToString()
                .Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
            bool isItem = value.ValueKind == JsonValueKind.Array;
            path += isItem ? $"[{segment}]" : $".{segment}";
            value = isItem ? value[int.Parse(segment, null)] : value.GetProperty(segment);
        }

        return new Problem(Service, path, value, reason);
    }
}
