using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Tideway.Configuration;

namespace Tideway.Tests.Configuration;

public sealed class ConfigSchemaTests
{
    private readonly JsonObject _schema = ConfigSchema.For(typeof(SampleConfig));

    [Theory]
    [InlineData(
        "port",
        """
        {"type":["integer","string","null"],"pattern":"^\\$|^[+-]?[0-9]+$","minimum":1,"maximum":65535,
        "description":"The port.","default":8080}
        """)]
    [InlineData(
        "idle-timeout",
        """
        {"type":["string","integer","null"],"pattern":"^\\$|^[0-9]+(ms|s|m|h|d)?$","minimum":0,"default":"2m"}
        """)]
    [InlineData(
        "policy",
        """
        {"anyOf":[{"enum":["drop-oldest","wait"]},{"type":["string","null"],"pattern":"^\\$"}],
        "description":"Accepted without effect: there is no queue.","default":"drop-oldest"}
        """)]
    [InlineData(
        "levels",
        """
        {"type":["array","string","null"],"pattern":"^\\$",
        "items":{"type":["integer","string","null"],"pattern":"^\\$|^[+-]?[0-9]+$","minimum":0,"maximum":9},
        "minItems":0,"maxItems":2}
        """)]
    [InlineData("extra", "{}")]
    public void An_option_becomes_a_property(string key, string expected) =>
        AssertJson(expected, _schema["properties"]![key]!);

    [Fact]
    public void Unknown_keys_are_refused_and_substitutions_of_known_ones_are_not()
    {
        JsonNode tls = _schema["properties"]!["tls"]!;

        Assert.False(tls["additionalProperties"]!.GetValue<bool>());
        AssertJson("""{"^(cert|private-key)#(env|file|fallback)$":true}""", tls["patternProperties"]!);
    }

    [Fact]
    public void A_required_option_may_come_from_a_substitution() => AssertJson(
        """[{"anyOf":[{"required":["name"]},{"required":["name#env"]},{"required":["name#file"]}]}]""",
        _schema["allOf"]!);

    [Theory]
    [InlineData("enabled", "$x", true)]
    [InlineData("enabled", "Yes", true)]
    [InlineData("enabled", "OFF", true)]
    [InlineData("enabled", "maybe", false)]
    [InlineData("port", "80", true)]
    [InlineData("port", "8o", false)]
    [InlineData("ratio", "1e-3", true)]
    [InlineData("ratio", "x", false)]
    [InlineData("idle-timeout", "100ms", true)]
    [InlineData("idle-timeout", "1.5s", false)]
    [InlineData("tls", "$tls", true)]
    [InlineData("tls", "tls", false)]
    public void Text_is_accepted_as_the_loader_accepts_it(string key, string text, bool isAccepted)
    {
        string pattern = _schema["properties"]![key]!["pattern"]!.GetValue<string>();

        Assert.Equal(isAccepted, Regex.IsMatch(text, pattern));
    }

    [Fact]
    public void The_table_lists_every_option()
    {
        string[] rows = OptionTable.For(typeof(SampleConfig)).Split('\n');

        Assert.Equal("| Key | Type | Default | Description |", rows[0]);
        Assert.Equal("| `name` | string | required | The name \\| of it. |", rows[2]);
        Assert.Equal("| `port` | integer, 1 to 65535 | `8080` | The port. |", rows[4]);
        Assert.Equal("| `idle-timeout` | duration, 1ms to 1h | `2m` |  |", rows[7]);
        Assert.Equal(
            "| `policy` | `drop-oldest` or `wait` | `drop-oldest` | *Accepted without effect: there is no queue.* |",
            rows[8]);
        Assert.Contains("| `listeners.<name>.private-key` | string |  |  |", rows);
    }

    private static void AssertJson(string expected, JsonNode actual) =>
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), actual), actual.ToJsonString());
}
