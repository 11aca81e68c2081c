using System.Text.Json.Nodes;
using ProbeService;
using Tideway.Testing.Hosting;

namespace Tideway.Testing.Tests.Hosting;

public sealed class ServiceSetupTests
{
    [Fact]
    public async Task A_hook_changes_the_config_of_the_service_before_it_starts()
    {
        await using var service = await ServiceFixture<Probe>.StartAsync(setup =>
        {
            setup.Component("probe-handler")["greeting"] = "changed";
            setup.Component("chat-handler")["fragment-size"] = 2;
        });
        Assert.Equal("changed", await service.ServiceClient.GetStringAsync("/probe?what=greeting"));
        await using var chat = await service.WebSocketClient.ConnectAsync("/chat");
        await chat.SendAsync("hello");
        Assert.Equal([2, 2, 1], (await chat.ReceiveAsync()).Fragments);
    }

    [Fact]
    public async Task The_config_sees_environment_variables_of_the_setup_in_process_too()
    {
        await using var service = await ServiceFixture<Probe>.StartAsync(
            setup => setup.Environment["GREETING"] = "from outside");
        Assert.Equal("from outside", await service.ServiceClient.GetStringAsync("/probe?what=greeting"));
    }

    [Theory]
    [InlineData("level", "warning")]
    [InlineData("format", "json")]
    [InlineData("file_path", "@null")]
    public async Task A_process_whose_log_would_not_tell_of_its_start_is_refused(string key, string value)
    {
        InvalidOperationException refusal = await Assert.ThrowsAsync<InvalidOperationException>(
            () => ServiceFixture<Probe>.StartAsync(setup =>
            {
                setup.RunsAsProcess = true;
                setup.Component("logging")["loggers"]!["default"]![key] = value;
            }));
        string told = key == "file_path" ? $"'{value}'" : value;
        Assert.Contains($"{key} {told}", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_config_may_take_the_place_of_the_services_own()
    {
        await using var service = await ServiceFixture<Probe>.StartAsync(setup =>
        {
            setup.UseConfig("""
                components_manager:
                  components:
                    server: { listener: { port: 81 } }
                    chat-handler: { path: /elsewhere }
                    stubborn-handler: { load-enabled: false }
                    probe-handler: { load-enabled: false }
                """);
        });
        await using var chat = await service.WebSocketClient.ConnectAsync("/elsewhere");
        await chat.SendAsync("hello");
        Assert.Equal("hello", await chat.ReceiveTextAsync());
    }

    [Fact]
    public async Task Variables_of_the_config_are_read_and_may_be_changed()
    {
        int found = 0;
        await using var service = await ServiceFixture<Probe>.StartAsync(setup =>
        {
            found = setup.Variables["server-port"]!.GetValue<int>();
            setup.Variables["hello"] = "by variable";
            setup.Component("probe-handler")["greeting"] = "$hello";
        });
        Assert.Equal(80, found);
        Assert.Equal("by variable", await service.ServiceClient.GetStringAsync("/probe?what=greeting"));
    }

    [Fact]
    public async Task A_service_that_does_not_start_says_why()
    {
        InvalidOperationException failure = await Assert.ThrowsAsync<InvalidOperationException>(
            () => ServiceFixture<Probe>.StartAsync(setup => setup.Component("chat-handler")["pth"] = "/chat"));
        Assert.Contains("ServiceFixture<Probe> does not start", failure.Message, StringComparison.Ordinal);
        Assert.Contains("did you mean 'path'?", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_process_that_does_not_start_says_why()
    {
        InvalidOperationException failure = await Assert.ThrowsAsync<InvalidOperationException>(
            () => ServiceFixture<Probe>.StartAsync(setup =>
            {
                setup.RunsAsProcess = true;
                setup.Component("chat-handler")["pth"] = "/chat";
            }));
        Assert.Contains("exit code 1", failure.Message, StringComparison.Ordinal);
        Assert.Contains("did you mean 'path'?", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("5", "5")]
    [InlineData("1.10", "1.10")]
    [InlineData("007", "\"007\"")]
    [InlineData("'5'", "\"5\"")]
    [InlineData("10s", "\"10s\"")]
    [InlineData("-a", "\"-a\"")]
    [InlineData("true", "true")]
    [InlineData("yes", "\"yes\"")]
    [InlineData("~", "null")]
    [InlineData("$port", "\"$port\"")]
    [InlineData("[a, {b: 1}]", "[\"a\",{\"b\":1}]")]
    [InlineData("&x [1, 2]", "[1,2]")]
    public void Values_of_YAML_keep_what_they_are(string yaml, string json) =>
        Assert.Equal(json, YamlTree.Read($"key: {yaml}", "test")["key"]?.ToJsonString() ?? "null");

    [Fact]
    public void An_alias_is_a_copy()
    {
        JsonObject tree = YamlTree.Read("a: &x { b: 1 }\nc: *x", "test");
        tree["c"]!["b"] = 2;
        Assert.Equal("{\"a\":{\"b\":1},\"c\":{\"b\":2}}", tree.ToJsonString());
    }

    [Theory]
    [InlineData("- a list")]
    [InlineData("a: [")]
    public void What_is_no_map_is_refused_with_its_file(string yaml)
    {
        FormatException failure = Assert.Throws<FormatException>(() => YamlTree.Read(yaml, "this.yaml"));
        Assert.Contains("this.yaml", failure.Message, StringComparison.Ordinal);
    }
}
