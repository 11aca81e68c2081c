using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Tideway.Components;
using Tideway.Configuration;
using Tideway.DynamicConfig;
using Tideway.Server;
using Tideway.Tests.Configuration;

namespace Tideway.Tests.DynamicConfig;

/// <summary>Where values come from at the start, and which of them count.</summary>
public sealed class DynamicConfigComponentTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Without_any_options_there_are_the_defaults_of_the_code()
    {
        await using var service = new ConfiguredService();
        Assert.Equal(1, service.Source.Get(TestVariables.Count));
        Assert.Empty(service.Log.At(LogLevel.Warning));
    }

    [Fact]
    public async Task The_component_of_a_running_service_knows_the_variables_of_its_assemblies()
    {
        ComponentSystem system = await ComponentSystem.StartAsync(
            ComponentList.Minimal().Append<Reader>("reader"),
            new Dictionary<string, ComponentConfig>
            {
                ["dynamic-config"] = ConfiguredService.Bind<DynamicConfigConfig>("defaults: { TEST_COUNT: 5 }"),
            },
            TimeProvider.System,
            NullLoggerFactory.Instance);
        Assert.Equal(5, system.Find<Reader>().Count);
        await system.StopAsync(default);
    }

    [Fact]
    public async Task Defaults_of_the_static_config_come_before_those_of_the_code()
    {
        await using var service = new ConfiguredService("defaults: { TEST_COUNT: 5, UNKNOWN: [1], TEST_POLL_MS: 20 }");
        Assert.Equal(5, service.Source.Get(TestVariables.Count));
        Assert.Equal(TimeSpan.FromMilliseconds(20), service.Source.Get(TestVariables.PollMs));
        Assert.Equal("code", service.Source.Get(TestVariables.Text));
    }

    [Fact]
    public async Task A_file_of_defaults_may_be_json_or_yaml()
    {
        foreach (string text in (string[])["""{ "TEST_COUNT": 5 }""", "# A comment.\nTEST_COUNT: 5\n"])
        {
            await using var service = new ConfiguredService($"defaults-path: {_folder.Write("defaults", text)}");
            Assert.Equal(5, service.Source.Get(TestVariables.Count));
        }
    }

    [Fact]
    public void Defaults_and_their_file_exclude_each_other()
    {
        var exception = Assert.Throws<ConfigException>(() => ConfiguredService.Bind<DynamicConfigConfig>(
            "defaults: { TEST_COUNT: 5 }\ndefaults-path: x.json"));
        Assert.Contains("defaults-path: there is 'defaults' already", exception.Message, default);
    }

    [Fact]
    public void A_wrong_default_is_an_error_of_the_start_with_its_line()
    {
        var exception = Assert.Throws<ConfigException>(
            () => new ConfiguredService("defaults:\n  TEST_TEXT: x\n  TEST_COUNT: many"));
        Assert.Equal(
            "config.yaml:3:15  defaults.TEST_COUNT: found the string 'many', expected an integer", exception.Message);
    }

    [Fact]
    public async Task The_fallback_file_comes_before_the_defaults_and_need_not_exist()
    {
        string fallback = _folder.Write("fallback.json", """{ "TEST_COUNT": 6 }""");
        await using var service = new ConfiguredService("defaults: { TEST_COUNT: 5, TEST_TEXT: x }", fallback);
        Assert.Equal(6, service.Source.Get(TestVariables.Count));
        Assert.Equal("x", service.Source.Get(TestVariables.Text));

        await using var without = new ConfiguredService("", _folder.PathOf("nowhere.json"));
        Assert.Equal(1, without.Source.Get(TestVariables.Count));
        Assert.Empty(without.Log.At(LogLevel.Warning));
    }

    [Fact]
    public void A_broken_fallback_file_is_an_error_of_the_start()
    {
        string fallback = _folder.Write("fallback.json", """{ "TEST_COUNT": "six" }""");
        var exception = Assert.Throws<ConfigException>(() => new ConfiguredService("", fallback));
        Assert.Equal(
            $"{fallback}  TEST_COUNT: found the string 'six', expected an integer", exception.Message);
    }

    [Fact]
    public async Task A_cache_is_enough_to_start_on_and_comes_before_the_fallback()
    {
        string fallback = _folder.Write("fallback.json", """{ "TEST_COUNT": 6, "TEST_TEXT": "fallback" }""");
        string cache = _folder.Write("cache.json", """{ "TEST_COUNT": 7 }""");
        await using var service = new ConfiguredService($"updates-enabled: true\nfs-cache-path: {cache}", fallback);
        Assert.Equal(7, service.Source.Get(TestVariables.Count));
        Assert.Equal("fallback", service.Source.Get(TestVariables.Text));

        await using var empty = new ConfiguredService(
            $"updates-enabled: true\nfs-cache-path: {_folder.Write("empty.json", "{}")}");
        Assert.Equal(1, empty.Source.Get(TestVariables.Count));
    }

    [Fact]
    public async Task A_broken_cache_is_reported_and_ignored()
    {
        string fallback = _folder.Write("fallback.json", """{ "TEST_COUNT": 6 }""");
        string[] all =
            ["{ \"TEST_COUNT\": 7", """{ "TEST_COUNT": "x" }""", """{ "TEST_TEXT": "\udc00" }""", "", "\0\0"];
        foreach (string broken in all)
        {
            string cache = _folder.Write("cache.json", broken);
            await using var service = new ConfiguredService($"updates-enabled: true\nfs-cache-path: {cache}", fallback);
            Assert.Equal(6, service.Source.Get(TestVariables.Count));
            Assert.Contains(service.Log.At(LogLevel.Warning), line => line.Contains($"the cache '{cache}' is ignored"));
        }
    }

    [Fact]
    public async Task A_cache_that_is_not_there_yet_is_told_as_such()
    {
        string cache = _folder.PathOf("cache.json"), fallback = _folder.Write("fallback.json", "{}");
        await using var service = new ConfiguredService($"updates-enabled: true\nfs-cache-path: {cache}", fallback);
        Assert.Contains(
            $"the cache '{cache}' is ignored: there is no such file",
            service.Log.At(LogLevel.Warning).First(),
            default);
    }

    [Fact]
    public void Without_any_values_to_start_on_the_error_tells_what_was_tried()
    {
        string cache = _folder.Write("cache.json", "{");
        var exception = Assert.Throws<IOException>(
            () => new ConfiguredService($"updates-enabled: true\nfs-cache-path: {cache}"));
        Assert.Contains("there are no values to start on: nothing brings any", exception.Message, default);
        Assert.Contains($"the cache '{cache}' cannot be used: {cache}:1:2  it is not JSON", exception.Message, default);
    }

    [Fact]
    public async Task An_updater_needs_updates_to_be_enabled_and_no_watched_file()
    {
        await using ConfigService config = await ConfigService.StartAsync();
        string client = ConfiguredService.ClientOf(config.Url);
        var disabled = Assert.Throws<IOException>(() => new ConfiguredService("", null, client));
        Assert.Contains("set updates-enabled of dynamic-config to true", disabled.Message, default);
        var both = Assert.Throws<IOException>(() => new ConfiguredService(
            "updates-enabled: true\nwatch-path: x.json", null, client));
        Assert.Contains("expected only one of them", both.Message, default);
    }

    private sealed class Reader(DynamicConfigComponent dynamicConfig) : INamedComponent
    {
        public static string ComponentName => "reader";

        public int Count { get; } = dynamicConfig.Source.Get(TestVariables.Count);
    }
}
