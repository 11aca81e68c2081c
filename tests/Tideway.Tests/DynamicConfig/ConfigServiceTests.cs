using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using Tideway.Configuration;
using Tideway.DynamicConfig;
using Tideway.Tests.Configuration;
using Tideway.Tests.Server;

namespace Tideway.Tests.DynamicConfig;

/// <summary>Values from a config service: what it is asked, when, and what becomes of its answers.</summary>
public sealed class ConfigServiceTests : IDisposable
{
    private const string Enabled = "updates-enabled: true\n";
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_first_update_is_full_and_asks_for_the_variables_of_the_service()
    {
        await using ConfigService config = await ConfigService.StartAsync();
        config.Answers("""{ "configs": { "TEST_COUNT": 5 }, "updated_at": "1", "news": true }""");
        await using var service = new ConfiguredService(Enabled, null, ConfiguredService.ClientOf(config.Url));
        Assert.Equal(5, service.Source.Get(TestVariables.Count));
        JsonNode request = Assert.Single(config.Requests);
        Assert.Contains("TEST_COUNT", request["ids"]!.AsArray().Select(id => (string?)id));
        Assert.Equal("chat", (string?)request["service"]);
        Assert.Null(request["updated_since"]);
        Assert.Null(request["stage_name"]);
    }

    [Fact]
    public async Task Full_updates_replace_all_values()
    {
        await using ConfigService config = await ConfigService.StartAsync();
        config.Answers("""{ "configs": { "TEST_COUNT": 5, "TEST_TEXT": "x" }, "updated_at": "2" }""");
        await using var service = new ConfiguredService(Enabled, null, ConfiguredService.ClientOf(config.Url));
        config.Answers("""{ "configs": { "TEST_COUNT": 6 }, "updated_at": "1" }""");
        await service.AdvanceUntilAsync(() => service.Source.Get(TestVariables.Count) == 6);
        Assert.Equal("code", service.Source.Get(TestVariables.Text));
        Assert.All(config.Requests, request => Assert.Null(request["updated_since"]));
    }

    [Fact]
    public async Task Incremental_updates_change_what_they_name_and_full_ones_follow_now_and_then()
    {
        await using ConfigService config = await ConfigService.StartAsync();
        config.Answers("""{ "configs": { "TEST_COUNT": 5, "TEST_TEXT": "x" }, "updated_at": "1" }""");
        await using var service = new ConfiguredService(
            Enabled, null, ConfiguredService.ClientOf(config.Url), "full-update-interval: 1h");

        config.Answers("""{ "configs": { "TEST_COUNT": 6 }, "updated_at": "2" }""");
        await service.AdvanceUntilAsync(() => service.Source.Get(TestVariables.Count) == 6);
        Assert.Equal("x", service.Source.Get(TestVariables.Text));
        Assert.Equal("1", (string?)config.Requests[1]["updated_since"]);

        config.Answers("""{ "removed": ["TEST_TEXT"], "configs": {}, "updated_at": "3" }""");
        await service.AdvanceUntilAsync(() => service.Source.Get(TestVariables.Text) == "code");
        Assert.Equal(6, service.Source.Get(TestVariables.Count));

        config.Answers("""{ "configs": { "TEST_COUNT": 7 }, "updated_at": "1" }""");
        await service.AdvanceUntilAsync(
            () => service.Log.At(LogLevel.Warning).Any(line => line.Contains("answered as of 1, before 3")));
        Assert.Equal(6, service.Source.Get(TestVariables.Count));

        config.Answers("""{ "updated_at": "9" }""");
        await service.AdvanceUntilAsync(() => (string?)config.Requests[^1]["updated_since"] == "9");
        Assert.Equal(6, service.Source.Get(TestVariables.Count));

        config.Answer = request => request["updated_since"] is null
            ? """{ "configs": { "TEST_TEXT": "full" }, "updated_at": "9" }"""
            : """{ "updated_at": "9" }""";
        service.Clock.Advance(TimeSpan.FromHours(2));
        await service.AdvanceUntilAsync(() => service.Source.Get(TestVariables.Text) == "full");
        Assert.Equal(1, service.Source.Get(TestVariables.Count));
    }

    [Fact]
    public async Task Only_incremental_updates_are_full_once()
    {
        await using ConfigService config = await ConfigService.StartAsync();
        await using var service = new ConfiguredService(
            Enabled, null, ConfiguredService.ClientOf(config.Url), "update-types: only-incremental");
        await service.AdvanceUntilAsync(() => config.Requests.Length == 5);
        Assert.Equal([null, "1", "1", "1", "1"], config.Requests.Select(request => (string?)request["updated_since"]));
    }

    [Fact]
    public async Task A_disabled_kill_switch_has_its_default_until_it_is_enabled()
    {
        await using ConfigService config = await ConfigService.StartAsync();
        config.Answers(
            """{ "configs": { "TEST_COUNT": 5 }, "kill_switches_disabled": ["TEST_COUNT"], "updated_at": "1" }""");
        await using var service = new ConfiguredService(
            Enabled + "defaults: { TEST_COUNT: 3 }\n",
            null,
            ConfiguredService.ClientOf(config.Url),
            "update-types: only-incremental");
        Assert.Equal(3, service.Source.Get(TestVariables.Count));
        config.Answers("""{ "configs": { "TEST_TEXT": "x" }, "updated_at": "2" }""");
        await service.AdvanceUntilAsync(() => service.Source.Get(TestVariables.Text) == "x");
        Assert.Equal(3, service.Source.Get(TestVariables.Count));
        config.Answers("""{ "configs": {}, "kill_switches_enabled": ["TEST_COUNT"], "updated_at": "3" }""");
        await service.AdvanceUntilAsync(() => service.Source.Get(TestVariables.Count) == 5);
        config.Answers(
            """{ "configs": { "TEST_COUNT": 6 }, "kill_switches_disabled": ["TEST_COUNT"], "updated_at": "4" }""");
        await service.AdvanceUntilAsync(() => service.Source.Get(TestVariables.Count) == 3);
        config.Answers("""{ "configs": { "TEST_COUNT": 7 }, "updated_at": "5" }""");
        await service.AdvanceUntilAsync(() => service.Source.Get(TestVariables.Count) == 7);
    }

    [Fact]
    public async Task A_wrong_value_refuses_the_update_which_is_asked_for_again()
    {
        await using ConfigService config = await ConfigService.StartAsync();
        config.Answers("""{ "configs": { "TEST_COUNT": 5 }, "updated_at": "1" }""");
        await using var service = new ConfiguredService(
            Enabled, null, ConfiguredService.ClientOf(config.Url), "full-update-interval: 100h");
        config.Answers("""{ "configs": { "TEST_TEXT": "x", "TEST_COUNT": 5000 }, "updated_at": "2" }""");
        await service.AdvanceUntilAsync(() => config.Requests.Length == 4);
        Assert.Equal(5, service.Source.Get(TestVariables.Count));
        Assert.Equal("code", service.Source.Get(TestVariables.Text));
        Assert.EndsWith(
            "TEST_COUNT: found 5000, expected 0 to 1000", Assert.Single(service.Log.At(LogLevel.Error)), default);
        Assert.All(config.Requests[1..], request => Assert.Equal("1", (string?)request["updated_since"]));
        config.Answers("""{ "configs": { "TEST_TEXT": "x", "TEST_COUNT": 500 }, "updated_at": "3" }""");
        await service.AdvanceUntilAsync(() => service.Source.Get(TestVariables.Count) == 500);
    }

    [Theory]
    [InlineData(500, "{}", "it answered 500")]
    [InlineData(404, "{}", "it answered 404")]
    [InlineData(200, "{}", "its answer cannot be used, 'updated_at' is missing")]
    [InlineData(200, "<html>", "its answer cannot be used, it is not JSON: '<' is an invalid start of a value")]
    [InlineData(200, """{ "configs": [], "updated_at": "1" }""", "its answer cannot be used, 'configs' is no object")]
    [InlineData(200, """{ "removed": [5], "updated_at": "1" }""", "'removed' is no list of names")]
    [InlineData(200, """{ "configs": { "A": 1, "A": 1 }, "updated_at": "1" }""", "its answer cannot be used")]
    [InlineData(200, """{ "configs": { "TEST_TEXT": "\ud83d" }, "updated_at": "1" }""", "a string is no text")]
    [InlineData(200, """{ "configs": { "\ud83d": 1 }, "updated_at": "1" }""", "a string is no text")]
    [InlineData(200, """{ "configs": {}, "updated_at": "\ud83d" }""", "a string is no text")]
    public async Task A_service_that_cannot_be_used_changes_nothing_and_is_asked_again(
        int status, string answer, string reason)
    {
        await using ConfigService config = await ConfigService.StartAsync();
        config.Answers("""{ "configs": { "TEST_COUNT": 5 }, "updated_at": "1" }""");
        await using var service = new ConfiguredService(Enabled, null, ConfiguredService.ClientOf(config.Url));
        (config.Status, config.Answer) = (status, _ => answer);
        await service.AdvanceUntilAsync(() => config.Requests.Length == 7);
        Assert.Equal(5, service.Source.Get(TestVariables.Count));
        Assert.Contains(reason, service.Log.At(LogLevel.Warning).First(), default);

        // Six or so failures are told of three times: the first, the second and the fourth.
        Assert.InRange(service.Log.At(LogLevel.Warning).Count(), 2, 3);
        config.Status = 200;
        config.Answers("""{ "configs": { "TEST_COUNT": 6 }, "updated_at": "1" }""");
        await service.AdvanceUntilAsync(() => service.Source.Get(TestVariables.Count) == 6);
        await service.WaitUntilAsync(
            () => service.Log.At(LogLevel.Information).Any(line => line.Contains("gives values again")));
    }

    [Fact]
    public async Task Failures_in_a_row_raise_an_alert_once_until_an_update_works_again()
    {
        await using ConfigService config = await ConfigService.StartAsync();
        await using var service = new ConfiguredService(
            Enabled, null, ConfiguredService.ClientOf(config.Url), "alert-on-failing-to-update-times: 3");
        config.Status = 500;
        await service.AdvanceUntilAsync(() => config.Requests.Length == 3);
        Assert.Empty(service.Log.At(LogLevel.Error));
        Assert.Equal(0, MetricReader.Read("tideway.dynamic_config.alert"));

        await service.AdvanceUntilAsync(() => config.Requests.Length == 7);
        Assert.Contains(
            "3 updates from 127.0.0.1:", Assert.Single(service.Log.At(LogLevel.Error)), StringComparison.Ordinal);
        Assert.Equal(1, MetricReader.Read("tideway.dynamic_config.alert"));

        config.Status = 200;
        await service.AdvanceUntilAsync(() => service.Log.At(LogLevel.Information).Any(
            line => line.Contains("gives values again", StringComparison.Ordinal)));
        await service.WaitUntilAsync(() => MetricReader.Read("tideway.dynamic_config.alert") == 0);

        // What cannot be taken is a failure, too.
        config.Answers("""{ "configs": { "TEST_COUNT": 5000 }, "updated_at": "2" }""");
        await service.AdvanceUntilAsync(() => MetricReader.Read("tideway.dynamic_config.alert") == 1);
    }

    [Fact]
    public async Task Updates_come_at_the_interval_give_or_take_the_jitter_and_sooner_after_a_failure()
    {
        await using ConfigService config = await ConfigService.StartAsync();
        await using var service = new ConfiguredService(
            Enabled,
            null,
            ConfiguredService.ClientOf(config.Url),
            "update-jitter: 2s\nexception-interval: 1s",
            interval: "10h");
        service.Clock.Advance(TimeSpan.FromHours(10) - TimeSpan.FromSeconds(3));
        Assert.Single(config.Requests);
        config.Status = 500;
        service.Clock.Advance(TimeSpan.FromSeconds(5));
        await service.WaitUntilAsync(() => config.Requests.Length == 2);
        DateTimeOffset latest = service.Clock.GetUtcNow().AddHours(1);
        await service.AdvanceUntilAsync(() => config.Requests.Length == 4);
        Assert.True(service.Clock.GetUtcNow() < latest);
    }

    [Fact]
    public async Task A_request_is_tried_as_often_as_is_said()
    {
        await using ConfigService config = await ConfigService.StartAsync();
        int failures = 2;
        config.Before = http =>
        {
            config.Status = failures-- > 0 ? 503 : 200;
            return Task.CompletedTask;
        };
        config.Answers("""{ "configs": { "TEST_COUNT": 5 }, "updated_at": "1" }""");
        using var client = new ConfigServiceClient(
            ConfiguredService.Bind<DynamicConfigClientConfig>(
                ConfiguredService.ClientOf(config.Url).Replace("http-retries: 1", "http-retries: 3")),
            TimeProvider.System);
        (ConfigsReply? reply, _) = await client.AskAsync([], null, default);
        Assert.Equal(3, config.Requests.Length);
        Assert.Equal("TEST_COUNT", Assert.Single(reply!.Values).Key);
        Assert.Null(config.Requests[0]["ids"]);
    }

    [Fact]
    public async Task An_answer_that_is_too_large_is_said_to_be()
    {
        await using ConfigService config = await ConfigService.StartAsync();
        using var client = new ConfigServiceClient(
            ConfiguredService.Bind<DynamicConfigClientConfig>(ConfiguredService.ClientOf(config.Url)),
            TimeProvider.System);
        config.Answers(new string(' ', (16 * 1024 * 1024) + 1));
        Assert.Equal("its answer is larger than 16777216 bytes", (await client.AskAsync([], null, default)).Failure);
        config.Answers($$"""{ "updated_at": "{{new string('9', 201)}}" }""");
        Assert.Equal(
            "its answer cannot be used, 'updated_at' is longer than 200 characters",
            (await client.AskAsync([], null, default)).Failure);
    }

    [Fact]
    public async Task Answers_that_stay_too_old_are_told_of_once()
    {
        await using ConfigService config = await ConfigService.StartAsync();
        config.Answers("""{ "configs": { "TEST_COUNT": 5 }, "updated_at": "2" }""");
        await using var service = new ConfiguredService(
            Enabled, null, ConfiguredService.ClientOf(config.Url), "update-types: only-incremental");
        for (int i = 1; i < 3; i++)
        {
            config.Answers("""{ "configs": { "TEST_COUNT": 6 }, "updated_at": "1" }""");
            int asked = config.Requests.Length;
            await service.AdvanceUntilAsync(() => config.Requests.Length > asked + 4);
            Assert.Equal(i, service.Log.At(LogLevel.Warning).Count(line => line.Contains("before")));
            config.Answers($$"""{ "configs": { "TEST_COUNT": {{i}} }, "updated_at": "2" }""");
            await service.AdvanceUntilAsync(() => service.Source.Get(TestVariables.Count) == i);
        }
    }

    [Fact]
    public async Task A_service_that_does_not_answer_in_time_has_failed()
    {
        await using ConfigService config = await ConfigService.StartAsync();
        var never = new TaskCompletionSource();
        config.Before = _ => never.Task;
        using var client = new ConfigServiceClient(
            ConfiguredService.Bind<DynamicConfigClientConfig>(
                ConfiguredService.ClientOf(config.Url).Replace("http-timeout: 1h", "http-timeout: 50ms")),
            TimeProvider.System);
        (ConfigsReply? reply, string failure) = await client.AskAsync([], null, default);
        Assert.Null(reply);
        Assert.Equal("no answer within 0.05 s", failure);
        never.SetResult();
    }

    [Fact]
    public async Task A_stage_is_asked_for_instead_of_a_service_and_may_stand_in_a_file()
    {
        await using ConfigService config = await ConfigService.StartAsync("/values");
        string client = ConfiguredService.ClientOf(
            config.Url + "/values",
            $"append-path-to-url: false\nget-configs-overrides-for-service: false\nconfigs-stage: testing\n");
        await using (var service = new ConfiguredService(Enabled, null, client))
        {
            Assert.Equal("testing", (string?)config.Requests[^1]["stage_name"]);
            Assert.Null(config.Requests[^1]["service"]);
        }

        string file = _folder.Write("stage.json", """{ "env_name": "production" }""");
        await using (var service = new ConfiguredService(
            Enabled, null, client + $"configs-stage-filepath: {file}\n", "load-only-my-values: false"))
        {
            Assert.Equal("production", (string?)config.Requests[^1]["stage_name"]);
            Assert.Null(config.Requests[^1]["ids"]);
        }

        _folder.Write("stage.json", "{}");
        Assert.Throws<IOException>(
            () => new ConfiguredService(Enabled, null, client + $"configs-stage-filepath: {file}\n"));
    }

    [Fact]
    public async Task A_restart_without_the_service_starts_on_the_cache()
    {
        string options = $"{Enabled}fs-cache-path: {_folder.PathOf("cache.json")}";
        string client;
        await using (ConfigService config = await ConfigService.StartAsync())
        {
            client = ConfiguredService.ClientOf(config.Url);
            config.Answers("""
                {
                  "configs": { "TEST_COUNT": 5, "TEST_TEXT": "x" },
                  "kill_switches_disabled": ["TEST_TEXT"], "updated_at": "1"
                }
                """);
            await using var service = new ConfiguredService(options, null, client);
        }

        await using var restarted = new ConfiguredService(options, null, client);
        Assert.Equal(5, restarted.Source.Get(TestVariables.Count));
        Assert.Equal("code", restarted.Source.Get(TestVariables.Text));
        var exception = Assert.Throws<IOException>(() => new ConfiguredService(Enabled, null, client));
        Assert.Contains("there are no values to start on: the config service 127.0.0.1:", exception.Message, default);
    }

    [Fact]
    public async Task Values_that_are_not_stored_change_nothing()
    {
        await using ConfigService config = await ConfigService.StartAsync();
        config.Answers("""{ "configs": { "TEST_COUNT": 5 }, "updated_at": "1" }""");
        await using var service = new ConfiguredService(
            Enabled, null, ConfiguredService.ClientOf(config.Url), "store-enabled: false");
        Assert.Equal(1, service.Source.Get(TestVariables.Count));
    }

    [Theory]
    [InlineData("config-url: nowhere", "config-url: 'nowhere' is no address, expected http://host or https://host")]
    [InlineData("configs-stage: testing", "get-configs-overrides-for-service: a stage is given")]
    [InlineData("http-retries: 0", "http-retries: found '0', expected 1 to 100")]
    public void Options_of_the_client_that_cannot_work_are_errors(string option, string problem)
    {
        string[] others = [.. ConfiguredService.ClientOf("http://localhost").Split('\n')
            .Where(line => !line.StartsWith(option.Split(':')[0] + ":", StringComparison.Ordinal))];
        var exception = Assert.Throws<ConfigException>(
            () => ConfiguredService.Bind<DynamicConfigClientConfig>($"{option}\n{string.Join('\n', others)}"));
        Assert.Contains(problem, exception.Message, default);
    }

    [Theory]
    [InlineData("first-update-fail-ok: true", "config-settings: expected false")]
    [InlineData("config-settings: false", "first-update-fail-ok: expected true")]
    [InlineData(
        "config-settings: false\nfirst-update-fail-ok: true\nupdate-types: full-and-incremental",
        "full-update-interval: field is missing")]
    [InlineData(
        "config-settings: false\nfirst-update-fail-ok: true\nupdate-types: only-full\nfull-update-interval: 1h",
        "full-update-interval: only full-and-incremental updates have it")]
    public void Options_of_the_updater_that_cannot_work_are_errors(string options, string problem)
    {
        var exception = Assert.Throws<ConfigException>(
            () => ConfiguredService.Bind<DynamicConfigClientUpdaterConfig>("update-interval: 10s\n" + options));
        Assert.Contains(problem, exception.Message, default);
    }
}
