using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Tideway.Configuration;

/// <summary>Turns JSON into nodes and nodes into JSON. Scalars of these nodes have the types of JSON: a string does not
/// pass for a number.</summary>
internal static class ConfigJson
{
    /// <summary>What is wrong with JSON whose strings have half a character, or bytes that are no UTF-8.</summary>
    /// <remarks>A document is parsed without looking at that: <see cref="InvalidOperationException"/> tells it to who
    /// asks for the string.</remarks>
    public const string NoText = "it is not JSON: a string is no text";

    private static readonly JsonDocumentOptions _strict =
        new() { MaxDepth = YamlReader.MaxDepth, AllowDuplicateProperties = false };

    private static readonly JsonWriterOptions _readable =
        new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }; // people read it, in a log

    /// <summary>Reads a document of JSON; or of YAML, when it does not begin with a brace.</summary>
    /// <param name="text">The document.</param>
    /// <param name="file">What problems call it.</param>
    /// <param name="problems">Receives the problems.</param>
    /// <returns>The root, or null when a problem was reported.</returns>
    public static ConfigMap? ReadMap(string text, string file, ICollection<ConfigProblem> problems)
    {
        int before = problems.Count;
        ConfigNode? root = text.AsSpan().TrimStart().StartsWith("{")
            ? Read(text, file, problems)
            : YamlReader.Read(text, file, ConfigPath.Root, problems) is { } yaml ? WithTypes(yaml) : null;
        if (root is not null and not ConfigMap)
        {
            string found = root.IsNull ? "it is empty" : $"found {root.Describe()}";
            problems.Add(new ConfigProblem(root.Location, "", $"{found}, expected a map of variables; {{}} is none"));
        }

        return problems.Count == before ? root as ConfigMap : null;
    }

    /// <summary>Turns a JSON value into a node.</summary>
    public static ConfigNode From(JsonElement value, ConfigPath path, ConfigLocation location) => value.ValueKind switch
    {
        JsonValueKind.Object => new ConfigMap(
            path,
            location,
            [
                .. value.EnumerateObject().Select(member => new ConfigEntry(
                    member.Name, location, From(member.Value, path.Key(member.Name), location))),
            ]),
        JsonValueKind.Array => new ConfigList(
            path, location, [.. value.EnumerateArray().Select((item, i) => From(item, path.Index(i), location))]),
        JsonValueKind.String => new ConfigScalar(path, location, value.GetString()!, ScalarForm.String),
        JsonValueKind.Number => new ConfigScalar(path, location, value.GetRawText(), ScalarForm.Number),
        JsonValueKind.True or JsonValueKind.False =>
            new ConfigScalar(path, location, value.GetRawText(), ScalarForm.Boolean),
        _ => new ConfigScalar(path, location, "", ScalarForm.Null),
    };

    /// <summary>Copies a node of YAML, giving each scalar the type that YAML says it has.</summary>
    public static ConfigNode WithTypes(ConfigNode node) => node switch
    {
        ConfigMap map => new ConfigMap(
            map.KeyPath,
            map.Location,
            [
                .. map.Entries.Select(entry =>
                    entry with { Value = entry.Value is { } value ? WithTypes(value) : null }),
            ]),
        ConfigList list => new ConfigList(list.KeyPath, list.Location, [.. list.Items.Select(WithTypes)]),
        ConfigScalar scalar => WithType(scalar),
        _ => node,
    };

    /// <summary>Writes a node whose scalars have types.</summary>
    public static void Write(Utf8JsonWriter writer, ConfigNode? node)
    {
        switch (node)
        {
            case ConfigMap map:
                writer.WriteStartObject();
                foreach (ConfigEntry entry in map.Entries)
                {
                    writer.WritePropertyName(entry.Key);
                    Write(writer, entry.Value);
                }

                writer.WriteEndObject();
                break;
            case ConfigList list:
                writer.WriteStartArray();
                foreach (ConfigNode item in list.Items) Write(writer, item);
                writer.WriteEndArray();
                break;
            case ConfigScalar { Form: ScalarForm.Number or ScalarForm.Boolean } literal:
                writer.WriteRawValue(literal.Value);
                break;
            case ConfigScalar { IsNull: false } text:
                writer.WriteStringValue(text.Value);
                break;
            default:
                writer.WriteNullValue();
                break;
        }
    }

    /// <summary>Writes a node whose scalars have types, in one line.</summary>
    public static string Text(ConfigNode node)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, _readable)) Write(writer, node);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>Says what is wrong, without the position, which stands in the location.</summary>
    public static string Reason(JsonException e)
    {
        ReadOnlySpan<char> message = e.Message;
        int position = message.IndexOf(" LineNumber:");
        return "it is not JSON: " + (position < 0 ? message : message[..position]).TrimEnd('.').ToString();
    }

    private static ConfigNode? Read(string json, string file, ICollection<ConfigProblem> problems)
    {
        try
        {
            using var document = JsonDocument.Parse(json, _strict);
            return From(document.RootElement, ConfigPath.Root, ConfigLocation.WholeFile(file));
        }
        catch (JsonException e)
        {
            (int line, int column) = ((int)(e.LineNumber ?? -1) + 1, (int)(e.BytePositionInLine ?? 0) + 1);
            problems.Add(new ConfigProblem(new ConfigLocation(file, line, column), "", Reason(e)));
            return null;
        }
        catch (InvalidOperationException)
        {
            problems.Add(new ConfigProblem(ConfigLocation.WholeFile(file), "", NoText));
            return null;
        }
    }

    private static ConfigScalar WithType(ConfigScalar scalar)
    {
        (string value, ScalarForm form) = scalar switch
        {
            { IsNull: true } => ("", ScalarForm.Null),
            { Form: ScalarForm.Plain, Value: "true" or "True" or "TRUE" } => ("true", ScalarForm.Boolean),
            { Form: ScalarForm.Plain, Value: "false" or "False" or "FALSE" } => ("false", ScalarForm.Boolean),
            { Form: ScalarForm.Plain } when NumberOf(scalar.Value) is { } number => (number, ScalarForm.Number),
            { Form: ScalarForm.Plain or ScalarForm.Quoted } => (scalar.Value, ScalarForm.String),
            _ => (scalar.Value, scalar.Form),
        };
        return new ConfigScalar(scalar.KeyPath, scalar.Location, value, form);
    }

    // YAML writes numbers in more ways than JSON: +5, 007, .5
    private static string? NumberOf(string text)
    {
        const NumberStyles style =
            NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long whole))
            return whole.ToString(CultureInfo.InvariantCulture);
        bool isNumber = double.TryParse(text, style, CultureInfo.InvariantCulture, out double number);
        return isNumber && double.IsFinite(number) ? number.ToString("R", CultureInfo.InvariantCulture) : null;
    }
}
