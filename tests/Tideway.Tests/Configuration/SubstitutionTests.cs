using CsCheck;
using Tideway.Configuration;

namespace Tideway.Tests.Configuration;

public sealed class SubstitutionTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("key: $x", "x: 1", "1")]
    [InlineData("key: '$x'", "x: 1", "1")]
    [InlineData("key: plain\nkey#env: SET", "", "plain")]
    [InlineData("key#env: SET", "", "from-env")]
    [InlineData("key#env: SET\nkey#fallback: f", "", "from-env")]
    [InlineData("key#env: UNSET\nkey#fallback: f", "", "f")]
    [InlineData("key: $x\nkey#env: SET\nkey#fallback: f", "x: 1", "1")]
    [InlineData("key: $x\nkey#env: SET\nkey#fallback: f", "y: 1", "from-env")]
    [InlineData("key: $x\nkey#fallback: f", "y: 1", "f")]
    [InlineData("key: $x", "x#env: SET", "from-env")]
    [InlineData("key: $x", "x#env: UNSET\nx#fallback: vf", "vf")]
    [InlineData("key: $x\nkey#fallback: f", "x#fallback: vf", "f")]
    [InlineData("key: $x", "x: $y\ny: 1", "$y")]
    [InlineData("key#env: UNSET\nkey#fallback: $y", "y: 1", "$y")]
    [InlineData("key#fallback: f", "", null)]
    [InlineData("key#env: UNSET", "", null)]
    [InlineData("key: $x", "", null)]
    [InlineData("key: a$x", "x: 1", "a$x")]
    public void A_key_takes_the_first_source_that_has_a_value(string yaml, string vars, string? expected)
    {
        ConfigMap root = Parse(yaml, vars);

        Assert.Equal(expected, (root["key"] as ConfigScalar)?.Value);
        Assert.Equal("key", Assert.Single(root.Entries).Key);
    }

    [Fact]
    public void Sources_come_in_the_order_variable_environment_file_fallback()
    {
        string file = _folder.Write("value.yaml", "file");
        string vars = _folder.Write("x.yaml", "x: variable");
        string noVars = _folder.Write("empty.yaml", "");
        var present = Gen.Bool;

        Gen.Select(present, present, present, present).Sample((variable, env, inFile, fallback) =>
        {
            string yaml = $"key: $x\nkey#env: {(env ? "E" : "NONE")}\nkey#file: {(inFile ? file : file + ".none")}\n"
                + (fallback ? "key#fallback: fallback\n" : "");
            string? expected = variable ? "variable" : env ? "env" : inFile ? "file" : fallback ? "fallback" : null;

            ConfigMap root = ConfigLoader.Parse(yaml, options: new ConfigLoadOptions
            {
                VarsPath = variable ? vars : noVars,
                EnvironmentVariable = name => name == "E" ? "env" : null,
            });

            return (root["key"] as ConfigScalar)?.Value == expected;
        });
    }

    [Fact]
    public void A_variable_can_be_a_whole_section_and_keeps_its_own_place()
    {
        ConfigMap root = Parse("server: $server", "other: 1\nserver:\n  port: 80");

        ConfigNode port = ((ConfigMap)root["server"]!)["port"]!;

        Assert.Equal("server.port", port.Path);
        Assert.Equal(_folder.PathOf("vars.yaml") + ":3:9", port.Location.ToString());
    }

    [Fact]
    public void Environment_values_are_yaml_and_stand_where_they_are_named()
    {
        ConfigMap root = Parse("list#env: LIST", "", _ => "[1, 2]");

        var list = (ConfigList)root["list"]!;

        Assert.Equal(2, list.Items.Count);
        Assert.Equal("list[1]", list.Items[1].Path);
        Assert.Equal("config.yaml:1:11", list.Items[1].Location.ToString());
    }

    [Fact]
    public void List_items_are_substituted_from_variables_and_their_environment()
    {
        ConfigMap root = Parse("list: [$x, a, $y]", "x: 1\ny#env: SET");

        Assert.Equal(["1", "a", "from-env"], ((ConfigList)root["list"]!).Items.Select(i => ((ConfigScalar)i).Value));
    }

    [Fact]
    public void The_override_file_replaces_top_level_keys_of_the_variables()
    {
        string overrides = _folder.Write("override.yaml", "b: { z: 3 }");
        string vars = _folder.Write("vars.yaml", "a: 1\nb: { x: 1, y: 2 }");

        ConfigMap root = ConfigLoader.Parse(
            "p: $a\nq: $b\nconfig_vars: ignored.yaml",
            options: new ConfigLoadOptions { VarsPath = vars, VarsOverridePath = overrides });

        Assert.Equal("1", ((ConfigScalar)root["p"]!).Value);
        Assert.Equal("z", Assert.Single(((ConfigMap)root["q"]!).Entries).Key);
    }

    [Fact]
    public void The_root_key_names_the_file_of_variables()
    {
        string vars = _folder.Write("vars.yaml", "a: 1");

        ConfigMap root = ConfigLoader.Parse($"config_vars: {vars}\np: $a");

        Assert.Equal("1", ((ConfigScalar)root["p"]!).Value);
    }

    [Theory]
    [InlineData("list: [$x]", "c:1:8  list[0]: variable 'x' is not defined")]
    [InlineData("k#env: BAD", "c:1:8  k: environment variable 'BAD' is not YAML: ")]
    [InlineData("k#env: NESTED", "c:1:8  k.a#env: a substitution inside a substituted value, expected a plain key")]
    [InlineData("k#env: [a]", "c:1:8  k: found a list, expected the name of a variable")]
    [InlineData("config_vars: absent.yaml", "c:1:14  cannot read 'absent.yaml': ")]
    public void A_substitution_that_cannot_be_made_is_reported(string yaml, string expected)
    {
        var options = new ConfigLoadOptions
        {
            EnvironmentVariable = name => name == "BAD" ? "[" : "{ a#env: X }",
        };

        var exception = Assert.Throws<ConfigException>(() => ConfigLoader.Parse(yaml, "c", options));

        Assert.StartsWith(expected, exception.Message, StringComparison.Ordinal);
        Assert.Single(exception.Problems);
    }

    [Fact]
    public void A_bad_file_is_reported_at_its_own_place()
    {
        string bad = _folder.Write("bad.yaml", "a: 1\nb: c: d");

        var exception = Assert.Throws<ConfigException>(() => ConfigLoader.Parse($"key#file: {bad}"));

        Assert.Equal($"{bad}:2:5  key: mapping values are not allowed in this context", exception.Message);
    }

    private ConfigMap Parse(string yaml, string vars, Func<string, string?>? environment = null)
    {
        var options = new ConfigLoadOptions
        {
            VarsPath = _folder.Write("vars.yaml", vars),
            EnvironmentVariable = environment ?? (name => name == "SET" ? "from-env" : null),
        };
        return ConfigLoader.Parse(yaml, options: options);
    }
}
