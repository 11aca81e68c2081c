using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Reflection.Emit;
using System.Text.Json.Nodes;
using Tideway.DynamicConfig;

namespace Tideway.Tests.DynamicConfig;

/// <summary>What a variable takes, and what it says of what it does not take.</summary>
public sealed class DynamicConfigKeyTests
{
    private enum Color
    {
        Red,
        DarkBlue,
    }

    [Fact]
    public void Every_type_of_variable_is_read_from_json()
    {
        DynamicConfigKey<bool> flag = new("FLAG", false, "A flag.");
        DynamicConfigKey<int> count = new("COUNT", 1, "A count.");
        DynamicConfigKey<long> size = new("SIZE", 1, "A size.");
        DynamicConfigKey<double> ratio = new("RATIO", 1, "A ratio.");
        DynamicConfigKey<string> text = new("TEXT", "", "A text.");
        DynamicConfigKey<Color> color = new("COLOR", Color.Red, "A color.");
        DynamicConfigKey<IReadOnlyList<string>> names = new("NAMES", [], "Names.");
        DynamicConfigKey<IReadOnlyDictionary<string, Limits>> limits =
            new("LIMITS", new Dictionary<string, Limits>(), "Limits.");
        using var values = new ValuesOf(flag, count, size, ratio, text, color, names, limits);

        Assert.Null(values.Apply("""
            {
              "FLAG": true, "COUNT": -5, "SIZE": 5000000000, "RATIO": 0.25, "TEXT": "5", "COLOR": "dark-blue",
              "NAMES": ["a", "b"],
              "LIMITS": { "chat": { "max-messages": 7 } }
            }
            """));

        DynamicConfigSnapshot now = values.Source.Current;
        Assert.True(now.Get(flag));
        Assert.Equal(-5, now.Get(count));
        Assert.Equal(5_000_000_000, now.Get(size));
        Assert.Equal(0.25, now.Get(ratio));
        Assert.Equal("5", now.Get(text));
        Assert.Equal(Color.DarkBlue, now.Get(color));
        Assert.Equal(["a", "b"], now.Get(names));
        Assert.Equal(7, now.Get(limits)["chat"].MaxMessages);
        Assert.Equal(TimeSpan.FromSeconds(3), now.Get(limits)["chat"].IdleTimeout);
    }

    [Theory]
    [InlineData("POLL_MS", "250", 250)]
    [InlineData("POLL_SECONDS", "2", 2_000)]
    [InlineData("POLL_MINUTES", "2", 120_000)]
    [InlineData("POLL_HOURS", "1", 3_600_000)]
    [InlineData("POLL", "3", 3_000)]
    [InlineData("POLL", "\"250ms\"", 250)]
    [InlineData("POLL_MS", "\"2s\"", 2_000)]
    [InlineData("POLL_MS", "\"20\"", 20)]
    public void The_end_of_a_name_is_the_unit_of_its_durations(string name, string json, int milliseconds)
    {
        DynamicConfigKey<TimeSpan> key = new(name, TimeSpan.Zero, "A duration.");
        using var values = new ValuesOf(key);
        Assert.Null(values.Apply($$"""{ "{{name}}": {{json}} }"""));
        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), values.Source.Get(key));
    }

    [Fact]
    public void A_key_of_a_record_may_be_the_unit_as_well()
    {
        DynamicConfigKey<Limits> key = new("LIMITS", new Limits(), "Limits.");
        using var values = new ValuesOf(key);
        Assert.Null(values.Apply("""{ "LIMITS": { "pause-ms": 20, "idle-timeout": 20 } }"""));
        Assert.Equal(TimeSpan.FromMilliseconds(20), values.Source.Get(key).PauseMs);
        Assert.Equal(TimeSpan.FromSeconds(20), values.Source.Get(key).IdleTimeout);
    }

    [Theory]
    [InlineData("""{ "COUNT": "5" }""", "test  COUNT: found the string '5', expected an integer")]
    [InlineData("""{ "COUNT": 1.5 }""", "test  COUNT: found 1.5, expected an integer")]
    [InlineData("""{ "COUNT": true }""", "test  COUNT: found true, expected an integer")]
    [InlineData("""{ "COUNT": null }""", "test  COUNT: found nothing, expected an integer")]
    [InlineData("""{ "COUNT": [1] }""", "test  COUNT: found a list, expected an integer")]
    [InlineData("""{ "COUNT": 11 }""", "test  COUNT: found 11, expected 1 to 10")]
    [InlineData("""{ "COUNT": 7 }""", "test  COUNT: found 7, expected an even number")]
    [InlineData("""{ "FLAG": "true" }""", "test  FLAG: found the string 'true', expected true or false")]
    [InlineData("""{ "FLAG": 1 }""", "test  FLAG: found 1, expected true or false")]
    [InlineData("""{ "TEXT": 5 }""", "test  TEXT: found 5, expected a string")]
    [InlineData(
        """{ "LIMITS": { "max-messages": -1 } }""", "test  LIMITS.max-messages: found -1, expected at least 0")]
    [InlineData(
        """{ "LIMITS": { "max-mesages": 1 } }""",
        "test  LIMITS.max-mesages: unknown key (did you mean 'max-messages'?)")]
    [InlineData("""{ "LIMITS": { "rooms": ["a", 5] } }""", "test  LIMITS.rooms[1]: found 5, expected a string")]
    [InlineData("""{ "LIMITS": null }""", "test  LIMITS: found nothing, expected a map")]
    [InlineData("[1]", "test:1:1  found a list, expected a map of variables; {} is none")]
    [InlineData("", "test:1:1  it is empty, expected a map of variables; {} is none")]
    [InlineData("{ 'a': 1 }", "test:1:3  it is not JSON: ''' is an invalid start of a property name")]
    public void What_does_not_fit_is_refused_with_its_place_and_what_was_expected(string document, string expected)
    {
        using var values = new ValuesOf(
            new DynamicConfigKey<int>("COUNT", 2, "A count.", n => n % 2 == 0 ? null : "expected an even number")
            {
                Range = (1, 10),
            },
            new DynamicConfigKey<bool>("FLAG", false, "A flag."),
            new DynamicConfigKey<string>("TEXT", "", "A text."),
            new DynamicConfigKey<Limits>("LIMITS", new Limits(), "Limits."));
        Assert.StartsWith(expected, values.Apply(document), StringComparison.Ordinal);
    }

    [Fact]
    public void Yaml_is_as_strict_as_json()
    {
        DynamicConfigKey<int> count = new("COUNT", 2, "A count.");
        DynamicConfigKey<string> text = new("TEXT", "", "A text.");
        using var values = new ValuesOf(count, text);
        Assert.Null(values.Apply("COUNT: 007\nTEXT: '5'\n"));
        Assert.Equal(7, values.Source.Get(count));
        Assert.Equal("5", values.Source.Get(text));
        Assert.Equal("test:1:8  COUNT: found the string '5', expected an integer", values.Apply("COUNT: '5'"));
        Assert.Equal("test:1:7  TEXT: found 5, expected a string", values.Apply("TEXT: 5"));
    }

    [Fact]
    public void A_long_value_is_cut_and_a_report_is_one_line()
    {
        using var values = new ValuesOf(new DynamicConfigKey<int>("COUNT", 2, "A count."));
        string problem = values.Apply($$"""{ "COUNT": "a\nb{{new string('x', 5000)}}" }""")!;
        Assert.InRange(problem.Length, 80, 200);
        Assert.DoesNotContain('\n', problem);
    }

    [Fact]
    public void A_list_or_map_that_its_check_refuses_is_shown()
    {
        using var values = new ValuesOf(new DynamicConfigKey<IReadOnlyList<string>>(
            "WORDS", [], "Words.", words => words.Contains("") ? "expected words that are not empty" : null));
        Assert.Equal(
            """test  WORDS: found ["a",""], expected words that are not empty""",
            values.Apply("""{ "WORDS": [ "a", "" ] }"""));
        string problem = values.Apply($$"""{ "WORDS": [ "{{new string('x', 5000)}}", "" ] }""")!;
        Assert.InRange(problem.Length, 80, 200);
    }

    [Fact]
    public void A_record_that_checks_itself_refuses_the_value()
    {
        using var values = new ValuesOf(new DynamicConfigKey<Picky>("PICKY", new Picky(), "A picky one."));
        Assert.Equal(
            "test  PICKY: found {\"size\":5}, its type refuses it: no odd sizes",
            values.Apply("""{ "PICKY": { "size": 5 } }"""));
        Assert.Null(values.Apply("""{ "PICKY": { "size": 6 } }"""));
    }

    [Fact]
    public void A_check_that_throws_refuses_the_value()
    {
        using var values = new ValuesOf(
            new DynamicConfigKey<int>("COUNT", 1, "A count.", n => 1 / (n - 2) == 0 ? "never" : null));
        Assert.Contains("its check failed: System.DivideByZeroException", values.Apply("""{ "COUNT": 2 }"""), default);
    }

    [Theory]
    [InlineData("lower")]
    [InlineData("WITH SPACE")]
    [InlineData("")]
    [InlineData("9LIVES")]
    public void A_name_is_upper_case(string name) =>
        Assert.ThrowsAny<ArgumentException>(() => new DynamicConfigKey<int>(name, 1, "A count."));

    [Fact]
    public void Two_declarations_of_a_name_agree_or_nothing_starts()
    {
        DynamicConfigKey<Limits> one = new("LIMITS", new Limits { Rooms = ["a"] }, "Limits.");
        DynamicConfigKey<Limits> same = new("LIMITS", new Limits { Rooms = ["a"] }, "Limits.");
        using var values = new ValuesOf(one, same);
        Assert.Null(values.Apply("""{ "LIMITS": { "max-messages": 3 } }"""));
        Assert.Equal(3, values.Source.Get(one).MaxMessages);
        Assert.Equal(3, values.Source.Get(same).MaxMessages);

        DynamicConfigKey<Limits> other = new("LIMITS", new Limits { Rooms = ["b"] }, "Limits.");
        DynamicConfigKey<int> number = new("LIMITS", 1, "Limits.");
        foreach (DynamicConfigKey wrong in new DynamicConfigKey[] { other, number })
        {
            var exception = Assert.Throws<InvalidOperationException>(() => new DynamicConfigKeys([one, wrong]));
            Assert.Contains("LIMITS is declared twice", exception.Message, default);
        }
    }

    [Fact]
    public void A_default_that_its_own_check_refuses_is_an_error_of_the_start()
    {
        DynamicConfigKey<int> key = new("COUNT", 11, "A count.") { Range = (1, 10) };
        var exception = Assert.Throws<InvalidOperationException>(() => new DynamicConfigKeys([key]));
        Assert.Contains("COUNT is wrong: expected 1 to 10", exception.Message, default);
    }

    [Fact]
    public void A_declaration_that_fails_is_named_with_its_reason()
    {
        var assembly = AssemblyBuilder.DefineDynamicAssembly(new AssemblyName("Rooms"), AssemblyBuilderAccess.Run);
        TypeBuilder type = assembly.DefineDynamicModule("Rooms").DefineType("Lobby");
        type.DefineField("_rooms", typeof(DynamicConfigKey), FieldAttributes.Private | FieldAttributes.Static);
        ILGenerator code = type.DefineTypeInitializer().GetILGenerator();
        code.Emit(OpCodes.Ldstr, "it contains itself");
        code.Emit(OpCodes.Newobj, typeof(NotSupportedException).GetConstructor([typeof(string)])!);
        code.Emit(OpCodes.Throw);
        type.CreateType();
        var exception = Assert.Throws<InvalidOperationException>(() => DynamicConfigKeys.Find([assembly]));
        Assert.Equal(
            "The dynamic config variables of Lobby cannot be declared: it contains itself", exception.Message);
    }

    [Fact]
    public void The_schema_has_the_bounds_of_the_type()
    {
        DynamicConfigKey<int> count = new("COUNT", 1, "A count.") { Range = (0, int.MaxValue) };
        JsonObject schema = count.ToSchema();
        Assert.Equal(0, (int?)schema["minimum"]);
        Assert.Equal(int.MaxValue, (int?)schema["maximum"]);
    }

    [Fact]
    public void The_default_and_the_schema_are_json_that_the_variable_takes()
    {
        DynamicConfigKey<Limits> limits = new("LIMITS", new Limits { Rooms = ["a"] }, "Limits of rooms.");
        DynamicConfigKey<TimeSpan> poll = new("POLL_MS", TimeSpan.FromSeconds(2), "A period.");
        Assert.Equal("2000", poll.DefaultJson!.ToJsonString());
        Assert.Equal(
            """{"max-messages":0,"idle-timeout":"3s","pause-ms":5,"rooms":["a"]}""",
            limits.DefaultJson!.ToJsonString());

        JsonObject schema = limits.ToSchema();
        Assert.Equal("Limits of rooms.", (string?)schema["description"]);
        Assert.Equal("integer", (string?)schema["properties"]!["max-messages"]!["type"]);
        Assert.Equal(0, (int?)schema["properties"]!["max-messages"]!["minimum"]);
        Assert.False((bool)schema["additionalProperties"]!);

        using var values = new ValuesOf(limits, poll);
        Assert.Null(values.Apply($$"""
            { "LIMITS": {{limits.DefaultJson.ToJsonString()}}, "POLL_MS": {{poll.DefaultJson.ToJsonString()}} }
            """));
    }

    private sealed record Picky
    {
        public int Size
        {
            get;
            init => field = value % 2 == 0 ? value : throw new ArgumentException("no odd sizes");
        }
    }

    private sealed record Limits
    {
        [Range(0, int.MaxValue)]
        public int MaxMessages { get; init; }

        public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromSeconds(3);

        public TimeSpan PauseMs { get; init; } = TimeSpan.FromMilliseconds(5);

        public IReadOnlyList<string> Rooms { get; init; } = [];
    }
}
