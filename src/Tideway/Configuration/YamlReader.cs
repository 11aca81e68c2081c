using SharpYaml;
using SharpYaml.Events;

namespace Tideway.Configuration;

/// <summary>Builds a tree of nodes from one YAML document.</summary>
/// <remarks>Aliases are supported: each is a copy of what its anchor marks. Depth and the number of nodes, copies
/// included, are limited, so a small file cannot unfold into a huge tree. Tags are ignored: a scalar gets its type from
/// the option that reads it.</remarks>
internal sealed class YamlReader
{
    public const int MaxDepth = 64;
    public const int MaxNodes = 100_000;

    private readonly IParser _parser;
    private readonly string _file;
    private readonly ICollection<ConfigProblem> _problems;
    private readonly Dictionary<string, ConfigNode> _anchors = [];
    private int _nodeCount;

    private YamlReader(string yaml, string file, ICollection<ConfigProblem> problems)
    {
        _parser = Parser.CreateParser(new StringReader(yaml), MaxDepth);
        _file = file;
        _problems = problems;
    }

    /// <summary>Reads a document; a null scalar stands for an empty one.</summary>
    /// <returns>The root node at <paramref name="path"/>, or null when the text is not YAML.</returns>
    public static ConfigNode? Read(string yaml, string file, ConfigPath path, ICollection<ConfigProblem> problems)
    {
        var reader = new YamlReader(yaml, file, problems);
        try
        {
            return reader.ReadDocument(path);
        }
        catch (YamlException e)
        {
            problems.Add(new ConfigProblem(reader.At(e.Start), path.ToString(), Reason(e)));
            return null;
        }
        catch (ArgumentOutOfRangeException)
        {
            // The parser's own failure at an escape like \uDC00\u0041, which it tells no place of.
            problems.Add(new ConfigProblem(
                reader.At(reader._parser.Current?.End ?? Mark.Empty),
                path.ToString(),
                "an escape in the text behind this stands for half a character (\\ud800 to \\udfff)"));
            return null;
        }
    }

    private ConfigNode ReadDocument(ConfigPath path)
    {
        Next();
        if (Next() is StreamEnd)
            return new ConfigScalar(path, new ConfigLocation(_file, 1, 1), "");
        ConfigNode root = ReadNode(Next(), path);
        Next();
        if (Next() is DocumentStart second)
            throw Error(second, "a second document starts here, expected one document in a file");
        return root;
    }

    private ConfigNode ReadNode(ParsingEvent start, ConfigPath path)
    {
        Count(1, start);
        ConfigNode node = start switch
        {
            MappingStart => ReadMap(start, path),
            SequenceStart => ReadList(start, path),
            AnchorAlias alias => CopyAnchored(alias, path),
            Scalar scalar => new ConfigScalar(
                path,
                At(scalar.Start),
                scalar.Value,
                scalar.Style == ScalarStyle.Plain ? ScalarForm.Plain : ScalarForm.Quoted),
            _ => throw Error(start, "expected a value"),
        };
        // An anchor is known only after its node, so an alias can never lie inside what it names.
        if (start is NodeEvent { Anchor: { } anchor })
            _anchors[anchor] = node;
        return node;
    }

    private ConfigMap ReadMap(ParsingEvent start, ConfigPath path)
    {
        var entries = new Dictionary<string, ConfigEntry>();
        for (ParsingEvent next = Next(); next is not MappingEnd; next = Next())
        {
            if (next is not Scalar key)
                throw Error(next, "a map, list or alias is used as a key, expected text");
            if (key is { Value: "<<", Style: ScalarStyle.Plain })
                throw Error(key, "merge keys ('<<') are not supported, write the keys out");
            var entry = new ConfigEntry(key.Value, At(key.Start), ReadNode(Next(), path.Key(key.Value)));
            if (!entries.TryAdd(entry.Key, entry))
            {
                int first = entries[entry.Key].Location.Line;
                _problems.Add(new ConfigProblem(
                    entry.Location, path.Key(entry.Key).ToString(), $"duplicate key, first written in line {first}"));
            }
        }
        return new ConfigMap(path, At(start.Start), [.. entries.Values]);
    }

    private ConfigList ReadList(ParsingEvent start, ConfigPath path)
    {
        var items = new List<ConfigNode>();
        for (ParsingEvent next = Next(); next is not SequenceEnd; next = Next())
            items.Add(ReadNode(next, path.Index(items.Count)));
        return new ConfigList(path, At(start.Start), items);
    }

    private ConfigNode CopyAnchored(AnchorAlias alias, ConfigPath path)
    {
        if (!_anchors.TryGetValue(alias.Value, out ConfigNode? original))
            throw Error(alias, $"alias '*{alias.Value}' has no anchor '&{alias.Value}' before it");
        (int nodes, int height) = Measure(original);
        Count(nodes, alias);
        if (path.Depth + height > MaxDepth)
            throw Error(alias, $"the aliases nest deeper than {MaxDepth} levels");
        return original.MoveTo(path);
    }

    private static (int Nodes, int Height) Measure(ConfigNode node)
    {
        IEnumerable<ConfigNode?> children = node switch
        {
            ConfigMap map => map.Entries.Select(entry => entry.Value),
            ConfigList list => list.Items,
            _ => [],
        };
        (int nodes, int height) = (1, 0);
        foreach (ConfigNode? child in children)
        {
            (int childNodes, int childHeight) = Measure(child!);
            nodes += childNodes;
            height = Math.Max(height, childHeight + 1);
        }
        return (nodes, height);
    }

    private void Count(int nodes, ParsingEvent at)
    {
        _nodeCount += nodes;
        if (_nodeCount > MaxNodes)
            throw Error(at, $"more than {MaxNodes} values, expected fewer (aliases count with all that they copy)");
    }

    private ParsingEvent Next()
    {
        _parser.MoveNext();
        return _parser.Current!;
    }

    private ConfigLocation At(Mark mark) => new(_file, mark.Line + 1, mark.Column + 1);

    private static YamlException Error(ParsingEvent at, string message) => new(at.Start, at.End, message);

    // The parser puts its own form of the position before the message; ours stands in the location.
    private static string Reason(YamlException e)
    {
        string position = $"({e.Start}) - ({e.End}): ";
        bool hasPosition = e.Message.StartsWith(position, StringComparison.Ordinal);
        string message = hasPosition ? e.Message[position.Length..] : e.Message;
        return char.ToLowerInvariant(message[0]) + message[1..].TrimEnd('.');
    }
}
