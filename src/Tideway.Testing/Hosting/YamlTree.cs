using System.Text.Json;
using System.Text.Json.Nodes;
using SharpYaml;
using SharpYaml.Events;

namespace Tideway.Testing.Hosting;

/// <summary>Reads YAML as a tree that tests can change: JSON's. Variables (<c>$name</c>) stay as they are.</summary>
internal sealed class YamlTree
{
    private readonly IParser _parser;
    private readonly Dictionary<string, JsonNode?> _anchors = [];

    private YamlTree(string yaml)
    {
        _parser = Parser.CreateParser(new StringReader(yaml));
        Next();
    }

    /// <summary>Reads a document whose root is a map; an empty one is an empty map.</summary>
    /// <exception cref="FormatException">It is no such document.</exception>
    public static JsonObject Read(string yaml, string file)
    {
        try
        {
            var tree = new YamlTree(yaml);
            return tree.Next() is StreamEnd ? [] : tree.ReadNode(tree.Next()) switch
            {
                JsonObject map => map,
                null => [],
                _ => throw new FormatException($"{file}: expected a map"),
            };
        }
        catch (YamlException exception)
        {
            throw new FormatException($"{file}: {exception.Message}", exception);
        }
    }

    private JsonNode? ReadNode(ParsingEvent start)
    {
        JsonNode? node = start switch
        {
            MappingStart => ReadMap(),
            SequenceStart => ReadList(),
            AnchorAlias alias => _anchors.GetValueOrDefault(alias.Value)?.DeepClone(),
            Scalar { Style: ScalarStyle.Plain } plain => ReadPlain(plain.Value),
            Scalar scalar => JsonValue.Create(scalar.Value),
            _ => throw new FormatException($"a value was expected at {start.Start}"),
        };
        if (start is NodeEvent { Anchor: { } anchor }) _anchors[anchor] = node;
        return node;
    }

    private JsonObject ReadMap()
    {
        var map = new JsonObject();
        for (ParsingEvent next = Next(); next is not MappingEnd; next = Next())
        {
            string key = next is Scalar scalar
                ? scalar.Value
                : throw new FormatException($"a key was expected at {next.Start}");
            map[key] = ReadNode(Next());
        }

        return map;
    }

    private JsonArray ReadList()
    {
        var list = new JsonArray();
        for (ParsingEvent next = Next(); next is not SequenceEnd; next = Next()) list.Add(ReadNode(next));
        return list;
    }

    /// <summary>A scalar without quotes has no type until an option reads it. What JSON writes alike keeps its
    /// letters.</summary>
    private static JsonNode? ReadPlain(string text)
    {
        if (text is "" or "~" or "null" or "Null" or "NULL") return null;
        if (text is not ("true" or "false") && !char.IsAsciiDigit(text[0]) && text[0] != '-')
            return JsonValue.Create(text);
        try
        {
            return JsonNode.Parse(text);
        }
        catch (JsonException)
        {
            return JsonValue.Create(text);
        }
    }

    private ParsingEvent Next()
    {
        _parser.MoveNext();
        return _parser.Current!;
    }
}
