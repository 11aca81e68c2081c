using Tideway.Configuration;

namespace Tideway.Tests.Configuration;

public sealed class ConfigBinderTests
{
    [Fact]
    public void Every_kind_of_option_is_bound()
    {
        SampleConfig config = Bind("""
            name: 42
            enabled: Off
            port: "443"
            max_bytes: 9000000000
            ratio: 0.5
            idle-timeout: 90
            policy: wait
            levels: [1, 2]
            listeners: { a: { cert: x }, b: }
            tls: { cert: c, private-key: k }
            extra: { anything: [goes] }
            """);

        Assert.Equal("42", config.Name);
        Assert.False(config.Enabled);
        Assert.Equal(443, config.Port);
        Assert.Equal(9_000_000_000, config.MaxBytes);
        Assert.Equal(0.5, config.Ratio);
        Assert.Equal(TimeSpan.FromSeconds(90), config.IdleTimeout);
        Assert.Equal(SamplePolicy.Block, config.Policy);
        Assert.Equal([1, 2], config.Levels);
        Assert.Equal(["a", "b"], config.Listeners.Keys);
        Assert.Equal("x", config.Listeners["a"].Cert);
        Assert.Equal(new SampleTls { Cert = "c", PrivateKey = "k" }, config.Tls);
        Assert.IsType<ConfigMap>(config.Extra);
    }

    [Fact]
    public void Options_that_are_missing_or_null_have_their_defaults()
    {
        SampleConfig config = Bind("{ name: a, port: ~, tls: , levels: null, ratio: $nope }");

        Assert.Equal(new SampleConfig { Name = "a", Levels = config.Levels, Listeners = config.Listeners }, config);
        Assert.Empty(config.Levels);
        Assert.Empty(config.Listeners);
    }

    [Theory]
    [InlineData("{}", "c:1:1  name: field is missing, expected a string")]
    [InlineData("name: ~", "c:1:1  name: field is missing, expected a string")]
    [InlineData("name: $x", "c:1:1  name: field is missing: variable 'x' is not defined, expected a string")]
    [InlineData(
        "name#env: NONE",
        "c:1:1  name: field is missing: environment variable 'NONE' is not set, expected a string")]
    [InlineData(
        "name#fallback: x",
        "c:1:1  name: field is missing: 'name#fallback' needs 'name#env' or 'name#file' beside it, expected a string")]
    [InlineData("name: [a]", "c:1:7  name: found a list, expected a string")]
    [InlineData("{ name: a, port: eighty }", "c:1:18  port: found 'eighty', expected an integer")]
    [InlineData("{ name: a, port: 80.5 }", "c:1:18  port: found '80.5', expected an integer")]
    [InlineData("{ name: a, port: '' }", "c:1:18  port: found '', expected an integer")]
    [InlineData("{ name: a, port: 0 }", "c:1:18  port: found '0', expected 1 to 65535")]
    [InlineData("{ name: a, max_bytes: -1 }", "c:1:23  max_bytes: found '-1', expected at least 0")]
    [InlineData("{ name: a, ratio: .nan }", "c:1:19  ratio: found '.nan', expected a number")]
    [InlineData("{ name: a, enabled: 1 }", "c:1:21  enabled: found '1', expected true or false")]
    [InlineData("{ name: a, idle-timeout: 2h }", "c:1:26  idle-timeout: found '2h', expected 1ms to 1h")]
    [InlineData(
        "{ name: a, idle-timeout: 1.5s }",
        "c:1:26  idle-timeout: found '1.5s', expected a duration such as 500ms, 30s, 5m, 2h or 1d")]
    [InlineData(
        "{ name: a, policy: drop_oldest }",
        "c:1:20  policy: found 'drop_oldest', expected one of drop-oldest, wait (did you mean 'drop-oldest'?)")]
    [InlineData("{ name: a, levels: 1 }", "c:1:20  levels: found '1', expected a list")]
    [InlineData("{ name: a, levels: [1, x] }", "c:1:24  levels[1]: found 'x', expected an integer")]
    [InlineData("{ name: a, levels: [1, ~] }", "c:1:24  levels[1]: found nothing, expected an integer")]
    [InlineData("{ name: a, levels: [10] }", "c:1:21  levels[0]: found '10', expected 0 to 9")]
    [InlineData("{ name: a, levels: [1, 2, 3] }", "c:1:20  levels: found 3 items, expected 0 to 2")]
    [InlineData("{ name: a, tls: yes }", "c:1:17  tls: found 'yes', expected a map")]
    [InlineData(
        "{ name: a, listeners: { x: $y } }",
        "c:1:25  listeners.x: value is missing: variable 'y' is not defined")]
    [InlineData("{ name: a, tls: { cert: x } }", "c:1:12  tls.private-key: field is missing, 'cert' needs it")]
    [InlineData(
        "{ name: a, tls: { cert: x, private-key#env: NONE } }",
        "c:1:28  tls.private-key: field is missing, 'cert' needs it (environment variable 'NONE' is not set)")]
    [InlineData("{ name: a, tls: { crt: x } }", "c:1:19  tls.crt: unknown key (did you mean 'cert'?)")]
    [InlineData("{ name: a, prot#env: X }", "c:1:12  prot: unknown key (did you mean 'port'?)")]
    [InlineData("{ name: a, tls: { zzz: x } }", "c:1:19  tls.zzz: unknown key, expected one of cert, private-key")]
    public void A_mistake_is_reported_at_its_place(string yaml, string expected)
    {
        var exception = Assert.Throws<ConfigException>(() => Bind(yaml));

        Assert.Equal(expected, exception.Message);
    }

    [Fact]
    public void Five_mistakes_in_one_file_give_five_lines()
    {
        const string yaml = """
            nmae: chat
            port: 70000
            policy: newest
            tls:
              cert: [a]
              private-key: k
            idle-timeout: 1 minute
            name: chat
            """;

        var exception = Assert.Throws<ConfigException>(() => Bind(yaml));

        Assert.Equal(
            """
            c:1:1  nmae: unknown key (did you mean 'name'?)
            c:2:7  port: found '70000', expected 1 to 65535
            c:3:9  policy: found 'newest', expected one of drop-oldest, wait
            c:5:9  tls.cert: found a list, expected a string
            c:7:15  idle-timeout: found '1 minute', expected a duration such as 500ms, 30s, 5m, 2h or 1d
            """,
            exception.Message);
        Assert.Equal(5, exception.Problems.Count);
    }

    [Fact]
    public void Problems_of_loading_and_of_binding_are_collected_together()
    {
        using var folder = new TempFolder();
        string file = folder.Write("c.yaml", "name: a\nname: b\nlevels: [$x]\nport: x");
        var problems = new List<ConfigProblem>();

        ConfigMap root = ConfigLoader.Load(file, new ConfigLoadOptions(), problems)!;
        ConfigBinder.Bind(typeof(SampleConfig), root, problems);

        Assert.Equal(["name", "levels[0]", "port"], problems.Select(problem => problem.Path));
    }

    [Fact]
    public void Records_that_share_a_section_each_take_their_own_options()
    {
        var problems = new List<ConfigProblem>();
        ConfigMap section = ConfigLoader.Parse("{ name: a, cert: b, prt: 1 }", "c");

        IReadOnlyList<object> records =
            ConfigBinder.BindShared([typeof(SampleTls), typeof(SampleConfig)], section, problems);

        Assert.Equal("b", ((SampleTls)records[0]).Cert);
        Assert.Equal("a", ((SampleConfig)records[1]).Name);
        Assert.Equal("c:1:21  prt: unknown key (did you mean 'port'?)", Assert.Single(problems).ToString());
    }

    [Theory]
    [InlineData(typeof(Recursive))]
    [InlineData(typeof(HasUnsupportedOption))]
    public void A_type_that_cannot_be_a_config_record_is_refused(Type type) =>
        Assert.Throws<InvalidOperationException>(() => ConfigBinder.Bind(type, ConfigLoader.Parse("{}"), []));

    private static SampleConfig Bind(string yaml)
    {
        var options = new ConfigLoadOptions { EnvironmentVariable = _ => null };
        return ConfigBinder.Bind<SampleConfig>(ConfigLoader.Parse(yaml, "c", options));
    }

    private sealed record Recursive
    {
        public Recursive? Child { get; init; }
    }

    private sealed record HasUnsupportedOption
    {
        public List<int> Values { get; init; } = [];
    }
}
