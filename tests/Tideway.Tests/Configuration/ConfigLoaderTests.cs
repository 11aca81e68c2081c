using CsCheck;
using Tideway.Configuration;

namespace Tideway.Tests.Configuration;

public sealed class ConfigLoaderTests
{
    [Fact]
    public void Nodes_know_their_place_and_their_path()
    {
        ConfigMap root = ConfigLoader.Parse("""
            components:
              server:
                ports: [80, "443"]
            """);

        var server = (ConfigMap)((ConfigMap)root["components"]!)["server"]!;
        var port = (ConfigScalar)((ConfigList)server["ports"]!).Items[1];

        Assert.Equal("443", port.Value);
        Assert.Equal("components.server.ports[1]", port.Path);
        Assert.Equal("config.yaml:3:17", port.Location.ToString());
        Assert.Equal(new ConfigLocation("config.yaml", 3, 5), server.Entries[0].Location);
    }

    [Fact]
    public void A_missing_section_reads_as_an_empty_map_at_its_path()
    {
        ConfigNode section = ConfigLoader.Parse("a: {}").Section("tracer");

        Assert.Equal("tracer", section.Path);
        Assert.Empty(Assert.IsType<ConfigMap>(section).Entries);
    }

    [Theory]
    [InlineData("", "c:1:1  the file is empty, expected a map")]
    [InlineData("# only a comment\n", "c:1:1  the file is empty, expected a map")]
    [InlineData("- a\n", "c:1:1  found a list, expected a map")]
    [InlineData("just text", "c:1:1  found 'just text', expected a map")]
    [InlineData("a: b: c", "c:1:5  mapping values are not allowed in this context")]
    [InlineData("a: 1\n---\nb: 2", "c:2:1  a second document starts here, expected one document in a file")]
    [InlineData("a: 1\nb: 2\na: 3", "c:3:1  a: duplicate key, first written in line 1")]
    [InlineData("x:\n  y: 1\n  y: 2", "c:3:3  x.y: duplicate key, first written in line 2")]
    [InlineData("? [a]\n: 1", "c:1:3  a map, list or alias is used as a key, expected text")]
    [InlineData("a: *nope", "c:1:4  alias '*nope' has no anchor '&nope' before it")]
    [InlineData("a: &a [*a]", "c:1:8  alias '*a' has no anchor '&a' before it")]
    [InlineData("a: &a {b: 1}\nc:\n  <<: *a", "c:3:3  merge keys ('<<') are not supported, write the keys out")]
    public void Bad_text_is_reported_with_its_place(string yaml, string expected)
    {
        var exception = Assert.Throws<ConfigException>(() => ConfigLoader.Parse(yaml, "c"));

        Assert.Equal(expected, exception.Message);
    }

    [Fact]
    public void An_alias_is_a_copy_of_what_its_anchor_marks()
    {
        ConfigMap root = ConfigLoader.Parse("""
            a: &limits { rate: 5 }
            b: *limits
            """);

        ConfigNode rate = ((ConfigMap)root["b"]!)["rate"]!;

        Assert.Equal("5", ((ConfigScalar)rate).Value);
        Assert.Equal("b.rate", rate.Path);
        Assert.Equal(1, rate.Location.Line);
    }

    [Fact]
    public void Aliases_cannot_unfold_into_a_huge_tree()
    {
        IEnumerable<string> lines = Enumerable.Range(1, 30).Select(i => $"a{i}: &a{i} [*a{i - 1}, *a{i - 1}]");
        string yaml = "a0: &a0 x\n" + string.Join('\n', lines);

        var exception = Assert.Throws<ConfigException>(() => ConfigLoader.Parse(yaml));

        Assert.Contains("more than 100000 values", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Depth_is_limited_with_aliases_and_without()
    {
        string nested = "a: " + new string('[', 70) + new string(']', 70);
        string part = new string('[', 40) + "{0}" + new string(']', 40);
        string aliased = $"a: &a {part.Replace("{0}", "1")}\nb: {part.Replace("{0}", "*a")}";

        var tooDeep = Assert.Throws<ConfigException>(() => ConfigLoader.Parse(nested));
        var tooDeepByAlias = Assert.Throws<ConfigException>(() => ConfigLoader.Parse(aliased));

        Assert.Contains("nesting depth of 64", tooDeep.Message, StringComparison.Ordinal);
        Assert.Contains("nest deeper than 64 levels", tooDeepByAlias.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_cannot_be_read_is_reported_without_a_line()
    {
        using var folder = new TempFolder();
        string absent = folder.PathOf("absent.yaml");
        string binary = folder.PathOf("binary.yaml");
        File.WriteAllBytes(binary, [(byte)'a', 0xFF, 0xFE, 0xFF]);
        string huge = folder.Write("huge.yaml", new string('#', 5_000_000));

        Assert.StartsWith($"{absent}  cannot read '{absent}': ", Failure(absent), StringComparison.Ordinal);
        Assert.Equal($"{binary}  cannot read '{binary}': it is not UTF-8 text", Failure(binary));
        Assert.Equal($"{huge}  cannot read '{huge}': it is larger than 4194304 bytes", Failure(huge));
        Assert.StartsWith($"{Path.GetTempPath()}  cannot read", Failure(Path.GetTempPath()), StringComparison.Ordinal);

        static string Failure(string path) =>
            Assert.Throws<ConfigException>(() => ConfigLoader.Load(path)).Message;
    }

    [Fact]
    public void An_escape_of_half_a_character_is_a_problem_with_its_place()
    {
        var exception = Assert.Throws<ConfigException>(() => ConfigLoader.Parse("a: 1\nb: \"\\udefa\\u0041\"", "c"));

        Assert.Equal(
            "c:2:2  an escape in the text behind this stands for half a character (\\ud800 to \\udfff)",
            exception.Message);
    }

    [Fact]
    public void A_byte_order_mark_is_skipped()
    {
        using var folder = new TempFolder();

        ConfigMap root = ConfigLoader.Load(folder.Write("config.yaml", "\uFEFFa: 1"));

        Assert.NotNull(root["a"]);
    }

    [Fact]
    public void Problems_are_one_line_each_whatever_the_file_contains()
    {
        var exception = Assert.Throws<ConfigException>(() => ConfigLoader.Parse("\"a\\nb\": 1\n\"a\\nb\": 2", "c"));

        Assert.Equal("c:2:1  a\\nb: duplicate key, first written in line 1", exception.Message);
    }

    [Fact]
    public void Any_text_is_either_read_or_reported()
    {
        Gen<string> text = Gen.String[Gen.Char["ab:#-?[]{},&*!|>'\"%@$~ \n\t\\x0\uFEFF\u0001\uD800<."], 0, 40];

        text.Sample(
            yaml =>
            {
                try
                {
                    ConfigLoader.Parse(yaml);
                }
                catch (ConfigException e)
                {
                    Assert.NotEmpty(e.Problems);
                }
            },
            iter: 20_000);
    }
}
