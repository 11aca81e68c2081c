using System.Net;
using System.Text.Json.Nodes;
using Tideway.DynamicConfig;
using Tideway.Tests.Configuration;
using Tideway.Tests.DynamicConfig;

namespace Tideway.Tests.Testsuite;

/// <summary>What a test does to have other values of the dynamic config, with no wait: change, invalidate, go
/// on.</summary>
public sealed class DynamicConfigControlTests
{
    private static readonly DynamicConfigKey<int> _rooms = new("TESTSUITE_ROOMS", 3, "How many rooms a test has.");

    [Fact]
    public async Task Invalidating_the_updater_brings_the_values_of_the_config_service_before_it_answers()
    {
        await using ConfigService service = await ConfigService.StartAsync();
        service.Answers("""{ "configs": { "TESTSUITE_ROOMS": 4 }, "updated_at": "1" }""");
        await using TestService chat = await StartAsync(service);
        Assert.Equal(4, RoomsOf(chat));

        service.Answers("""{ "configs": { "TESTSUITE_ROOMS": 5 }, "updated_at": "2" }""");
        await InvalidateAsync(chat, """{"update_type": "full", "names": ["dynamic-config-client-updater"]}""");
        Assert.Equal(5, RoomsOf(chat));
        Assert.Null(service.Requests[^1]["updated_since"]);

        service.Answers("""{ "configs": { "TESTSUITE_ROOMS": 6 }, "updated_at": "3" }""");
        await InvalidateAsync(
            chat, """{"update_type": "full", "force_incremental_names": ["dynamic-config-client-updater"]}""");
        Assert.Equal(6, RoomsOf(chat));
        Assert.Equal("2", (string?)service.Requests[^1]["updated_since"]);

        int asked = service.Requests.Length;
        await InvalidateAsync(
            chat, """{"update_type": "full", "exclude_names": ["dynamic-config-client-updater"]}""");
        Assert.Equal(asked, service.Requests.Length);
    }

    [Fact]
    public async Task Values_that_are_refused_or_do_not_come_are_an_error_also_while_the_clock_stands()
    {
        await using ConfigService service = await ConfigService.StartAsync();
        await using TestService chat = await StartAsync(service);
        await chat.DoAsync("control", """{"mock_now": "2026-01-31T12:00:00Z", "mock_timers": true}""");
        service.Answers("""{ "configs": { "TESTSUITE_ROOMS": "many" }, "updated_at": "2" }""");
        const string Full = """{"invalidate_caches": {"update_type": "full"}}""";
        (HttpStatusCode status, JsonNode? answer) = await chat.TryAsync("control", Full);
        Assert.Equal(HttpStatusCode.InternalServerError, status);
        Assert.Contains("TESTSUITE_ROOMS", (string)answer!["message"]!, StringComparison.Ordinal);
        service.Status = 500;
        (status, answer) = await chat.TryAsync("control", Full);
        Assert.Equal(HttpStatusCode.InternalServerError, status);
        Assert.Contains("it answered 500", (string)answer!["message"]!, StringComparison.Ordinal);
        Assert.Equal(3, RoomsOf(chat));
    }

    [Fact]
    public async Task The_updater_is_a_periodic_task_which_runs_by_itself_only_where_it_is_said_to()
    {
        await using ConfigService service = await ConfigService.StartAsync();
        await using TestService chat = await StartAsync(service, "testsuite-periodic-update-enabled: false");
        await chat.DoAsync("control", """{"mock_now": "2026-01-31T12:00:00Z", "mock_timers": true}""");
        await chat.DoAsync("control", """{"mock_now": "2026-01-31T13:00:00Z", "mock_timers": true}""");
        await chat.DoAsync("run_periodic_task", """{"name": "dynamic-config-client-updater"}""");
        Assert.Equal(2, service.Requests.Length);
    }

    [Fact]
    public async Task The_updater_goes_on_by_itself_where_its_own_section_says_so()
    {
        await using ConfigService service = await ConfigService.StartAsync();
        service.Answers("""{ "configs": { "TESTSUITE_ROOMS": 4 }, "updated_at": "1" }""");
        await using TestService chat = await StartAsync(
            service, "testsuite-periodic-update-enabled: false", "testsuite-force-periodic-update: true");
        service.Answers("""{ "configs": { "TESTSUITE_ROOMS": 5 }, "updated_at": "2" }""");
        await chat.DoAsync("control", """{"mock_now": "2026-01-31T12:00:00Z", "mock_timers": true}""");
        await chat.DoAsync("control", """{"mock_now": "2026-01-31T13:00:00Z", "mock_timers": true}""");
        while (RoomsOf(chat) != 5) await Task.Delay(1, TestService.Patience);
    }

    [Fact]
    public async Task A_watched_file_is_read_when_a_test_says_so()
    {
        using var folder = new TempFolder();
        string path = folder.Write("values.json", """{ "TESTSUITE_ROOMS": 7 }""");
        await using TestService chat = await TestService.StartAsync(
            $$"""
                testsuite-support: { testsuite-periodic-update-enabled: false }
                tests-control: { path: '/tests/{action}' }
                dynamic-config: { watch-path: {{path}} }
                rooms:
            """,
            list => list.Append<Rooms>());
        folder.Write("values.json", """{ "TESTSUITE_ROOMS": 8 }""");
        await InvalidateAsync(chat, """{"update_type": "full", "names": ["dynamic-config"]}""");
        Assert.Equal(8, RoomsOf(chat));
    }

    [Fact]
    public async Task The_defaults_are_those_of_the_code_and_the_static_config_over_them()
    {
        await using TestService chat = await TestService.StartAsync(
            TestService.Control + """
                dynamic-config: { defaults: { TESTSUITE_ROOMS: 9, UNKNOWN_HERE: { a: [true] } } }
                rooms:
            """,
            list => list.Append<Rooms>());
        JsonNode defaults = (await chat.DoAsync("get_dynamic_config_defaults"))!;
        Assert.Equal(9, (int)defaults["TESTSUITE_ROOMS"]!);
        Assert.True((bool)defaults["USERVER_LOG_REQUEST"]!);
        Assert.Equal("""{"a":[true]}""", defaults["UNKNOWN_HERE"]!.ToJsonString());
    }

    private static Task<TestService> StartAsync(
        ConfigService service, string support = "", string updater = "") => TestService.StartAsync(
        $$"""
            testsuite-support: { {{support}} }
            tests-control: { path: '/tests/{action}' }
            dynamic-config: { updates-enabled: true, defaults: { UNUSED: 1 } }
            dynamic-config-client:
              config-url: {{service.Url}}
              service-name: chat
              http-timeout: 60s
              http-retries: 2
            dynamic-config-client-updater:
              update-interval: 10s
              full-update-interval: 24h
              config-settings: false
              first-update-fail-ok: true
              {{updater}}
            rooms:
        """,
        list => list.Append<Rooms>());

    private static int RoomsOf(TestService chat) => chat.System.Find<DynamicConfigComponent>().Source.Get(_rooms);

    private static async Task InvalidateAsync(TestService chat, string json) =>
        Assert.Null(await chat.DoAsync("control", $$"""{"invalidate_caches": {{json}}}"""));

    /// <summary>Has the variables of these tests known.</summary>
    private sealed class Rooms : Tideway.Components.INamedComponent
    {
        public static string ComponentName => "rooms";
    }
}
