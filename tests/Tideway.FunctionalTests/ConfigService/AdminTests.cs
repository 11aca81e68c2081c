using System.Text.Json.Nodes;

namespace Tideway.FunctionalTests.ConfigService;

/// <summary>What operators may do, and what keeps them from mistakes.</summary>
public sealed class AdminTests
{
    [Fact]
    public async Task A_variable_is_shown_with_what_services_say_of_it_and_with_all_its_settings()
    {
        await using ConfigProcess service = await ConfigProcess.StartAsync();
        await service.PublishAsync("chat");
        await service.PublishAsync("mail", """{"properties":{"MAIL_PAUSE":{"type":"integer","default":1}}}""");
        long revision = await service.SetAsync("MAX_ROOMS", "5");
        await service.SetAsync("MAX_ROOMS", "6", "service:chat");

        JsonObject all = await GetAsync(service, "/admin/variables");
        Assert.Equal("""["chat","mail"]""", all["services"]!.ToJsonString());
        Assert.Null(all["operator"]);
        Assert.Equal(
            ["GREETING", "LIMITS", "MAIL_PAUSE", "MAX_ROOMS"],
            all["variables"]!.AsArray().Select(variable => (string?)variable!["name"]));

        JsonObject rooms = await GetAsync(service, "/admin/variables/MAX_ROOMS");
        Assert.Equal("Rooms at most.", (string?)rooms["description"]);
        JsonNode publisher = Assert.Single(rooms["services"]!.AsArray())!;
        Assert.Equal("chat", (string?)publisher["name"]);
        Assert.Equal(10, (int?)publisher["default"]);
        Assert.Equal(100, (int?)publisher["schema"]!["maximum"]);
        Assert.Equal(["all", "service:chat"], rooms["settings"]!.AsArray().Select(each => (string?)each!["scope"]));
        JsonNode setting = rooms["settings"]![0]!;
        Assert.Equal(5, (int?)setting["value"]);
        Assert.Equal(revision, (long?)setting["revision"]);
        Assert.Equal("ann", (string?)setting["author"]);

        (int status, JsonObject answer) = await service.AskAsync(HttpMethod.Get, "/admin/variables/NOTHING");
        Assert.Equal((404, "there is no variable 'NOTHING'"), (status, (string?)answer["error"]));
    }

    [Fact]
    public async Task Every_change_is_a_row_that_can_be_gone_back_to()
    {
        await using ConfigProcess service = await ConfigProcess.StartAsync();
        await service.PublishAsync("chat");
        JsonObject first = await service.ChangeAsync("""
            {
              "name": "MAX_ROOMS", "scope": "all", "value": 5, "kill_switch": "enabled", "expected_revision": 0,
              "comment": "more rooms", "author": " bob "
            }
            """);
        Assert.Equal("bob", (string?)first["author"]);
        Assert.Equal("more rooms", (string?)first["comment"]);
        Assert.Null(first["old"]);
        Assert.Equal("""{"value":5,"kill_switch":"enabled"}""", first["new"]!.ToJsonString());

        long second = await service.SetAsync("MAX_ROOMS", "6");
        JsonObject removed = await service.ChangeAsync($$"""
            { "name": "MAX_ROOMS", "scope": "all", "remove": true, "expected_revision": {{second}} }
            """);
        Assert.Null(removed["new"]);
        JsonObject back = await service.ChangeAsync(
            $$"""{ "rollback_to": {{first["revision"]}}, "expected_revision": 0 }""");
        Assert.Equal((long?)first["revision"], (long?)back["rollback_to"]);
        Assert.Equal(first["new"]!.ToJsonString(), back["new"]!.ToJsonString());
        Assert.Equal(5, (int)(await service.ValuesAsync("{}"))["configs"]!["MAX_ROOMS"]!);

        // A row that removed the value can be gone back to, too.
        await service.ChangeAsync(
            $$"""{ "rollback_to": {{removed["revision"]}}, "expected_revision": {{back["revision"]}} }""");
        Assert.Empty((await service.ValuesAsync("{}"))["configs"]!.AsObject());

        await service.SetAsync("GREETING", "\"a\"");
        JsonObject page = await GetAsync(service, "/admin/changes?name=MAX_ROOMS&limit=2");
        Assert.Equal([5, 4], Revisions(page));
        page = await GetAsync(service, $"/admin/changes?name=MAX_ROOMS&limit=2&before={page["next"]}");
        Assert.Equal([3, 2], Revisions(page));
        page = await GetAsync(service, $"/admin/changes?name=MAX_ROOMS&limit=2&before={page["next"]}");
        Assert.Equal([1], Revisions(page));
        Assert.Null(page["next"]);
        Assert.Equal(6, Revisions(await GetAsync(service, "/admin/changes")).Length);
        Assert.Empty(Revisions(await GetAsync(service, "/admin/changes?scope=service:chat")));
    }

    [Fact]
    public async Task Two_operators_cannot_overwrite_each_other_unseen()
    {
        await using ConfigProcess service = await ConfigProcess.StartAsync();
        await service.PublishAsync("chat");
        await service.SetAsync("MAX_ROOMS", "5");
        JsonObject[] outcomes = await Task.WhenAll(Enumerable.Range(0, 20).Select(async number =>
        {
            (int status, JsonObject answer) = await service.TryChangeAsync($$"""
                {
                  "name": "MAX_ROOMS", "scope": "all", "value": {{number + 10}}, "expected_revision": 1,
                  "author": "operator {{number}}"
                }
                """);
            answer["status"] = status;
            return answer;
        }));
        JsonObject winner = Assert.Single(outcomes, outcome => (int)outcome["status"]! == 200);
        Assert.All(outcomes.Where(outcome => outcome != winner), outcome =>
        {
            Assert.Equal(409, (int)outcome["status"]!);
            Assert.Equal(
                $"{winner["author"]} changed MAX_ROOMS for 'all' meanwhile, to revision 2", (string?)outcome["error"]);
            Assert.Equal(winner["new"]!.ToJsonString(), outcome["current"]!["new"]!.ToJsonString());
        });
        (int status, JsonObject none) = await service.TryChangeAsync("""
            { "name": "MAX_ROOMS", "scope": "stage:x", "value": 5, "expected_revision": 1 }
            """);
        Assert.Equal(409, status);
        Assert.Equal("MAX_ROOMS has no value for 'stage:x': expect revision 0", (string?)none["error"]);
    }

    [Fact]
    public async Task What_is_no_change_is_refused_with_what_was_expected()
    {
        await using ConfigProcess service = await ConfigProcess.StartAsync();
        await service.PublishAsync("chat");
        foreach ((string change, int expected, string reason) in new[]
        {
            ("""{ "name": "MAX_ROOMS", "scope": "all", "value": 5 }""", 400, "expected_revision: expected"),
            ("""{ "name": "MAX_ROOMS", "scope": "all", "expected_revision": 0 }""", 400, "expected one of value"),
            ("""{ "name": "MAX_ROOMS", "scope": "all", "value": 5, "remove": true, "expected_revision": 0 }""", 400,
                "expected one of value, remove and rollback_to"),
            ("""{ "name": "rooms", "scope": "all", "value": 5, "expected_revision": 0 }""", 400, "name: expected"),
            ("""{ "name": "MAX_ROOMS", "scope": "chat", "value": 5, "expected_revision": 0 }""", 400,
                "scope: expected all, service:NAME or stage:NAME"),
            ("""{ "name": "MAX_ROOMS", "scope": "all", "valu": 5, "expected_revision": 0 }""", 400, "'valu'"),
            ("""{ "name": "MAX_ROOMS", "scope": "all", "value": {"a":1,"a":2}, "expected_revision": 0 }""", 400, "a"),
            ("""
             { "name": "MAX_ROOMS", "scope": "all", "value": 5, "kill_switch": "maybe", "expected_revision": 0 }
             """, 400, "kill_switch"),
            ("""{ "name": "MAX_ROOMS", "scope": "all", "value": 5, "expected_revision": 0, "author": " " }""", 400,
                "author: expected a name"),
            ("""{ "name": "MAX_ROOMS", "scope": "all", "remove": true, "expected_revision": 0 }""", 404,
                "MAX_ROOMS has no value for 'all' to remove"),
            ("""{ "rollback_to": 99, "expected_revision": 0 }""", 404, "there is no revision 99"),
        })
        {
            (int status, JsonObject answer) = await service.TryChangeAsync(change);
            Assert.Equal(expected, status);
            Assert.Contains(reason, (string)answer["error"]!, StringComparison.Ordinal);
        }

        foreach (string query in new[] { "limit=0", "limit=501", "limit=x", "before=-1" })
            Assert.Equal(400, (await service.AskAsync(HttpMethod.Get, "/admin/changes?" + query)).Status);
        string long_ = new('x', 300_000);
        (int tooLarge, JsonObject body) = await service.TryChangeAsync($$"""{ "comment": "{{long_}}" }""");
        Assert.Equal(413, tooLarge);
        Assert.NotEmpty((string)body["error"]!);
        Assert.Empty(Revisions(await GetAsync(service, "/admin/changes")));
    }

    [Fact]
    public async Task There_is_room_for_so_many_settings_and_no_more()
    {
        await using ConfigProcess service = await ConfigProcess.StartAsync(
            ConfigProcess.SampleConfig("test.db").Replace(
                "max-settings: 10000", "max-settings: 2\n      max-total-size: 100", StringComparison.Ordinal));
        await service.PublishAsync("chat");
        await service.SetAsync("MAX_ROOMS", "5");
        await service.SetAsync("GREETING", "\"a\"");
        (int status, JsonObject answer) = await service.TryChangeAsync(
            """{ "name": "LIMITS", "scope": "all", "value": {}, "expected_revision": 0 }""");
        Assert.Equal(422, status);
        Assert.Equal("there are 2 settings already (change-log.max-settings)", (string?)answer["error"]);
        (status, answer) = await service.TryChangeAsync(
            $$"""{ "name": "GREETING", "scope": "all", "value": "{{new string('x', 98)}}", "expected_revision": 2 }""");
        Assert.Equal(422, status);
        Assert.Contains("change-log.max-total-size", (string)answer["error"]!, StringComparison.Ordinal);
        await service.SetAsync("GREETING", $"\"{new string('x', 97)}\"");
    }

    [Fact]
    public async Task Pages_of_strangers_cannot_use_the_browser_of_an_operator()
    {
        await using ConfigProcess service = await ConfigProcess.StartAsync();
        await service.PublishAsync("chat");
        string own = service.Page.GetLeftPart(UriPartial.Authority);
        const string Change = """
            { "name": "MAX_ROOMS", "scope": "all", "value": 5, "expected_revision": 0, "author": "ann" }
            """;
        foreach ((int expected, string name, string value) in new[]
        {
            (403, "Origin", "https://evil.example"), (403, "Origin", "null"), (403, "Host", "evil.example"),
            (415, "Content-Type", "text/plain"), (415, "Content-Type", "application/x-www-form-urlencoded"),
            (200, "Origin", own),
        })
        {
            (int status, JsonObject answer) =
                await service.AskAsync(HttpMethod.Post, "/admin/changes", Change, (name, value));
            Assert.True(expected == status, $"{name}: {value} got {status}: {answer.ToJsonString()}");
        }

        // What only operators may ask is nowhere near what services ask.
        using var http = new HttpClient();
        foreach (string path in new[] { "/", "/admin/variables", "/admin/changes" })
        {
            using HttpResponseMessage response = await http.GetAsync(new Uri(service.ServiceUri, path));
            Assert.Equal(404, (int)response.StatusCode);
        }

        using HttpResponseMessage page = await http.GetAsync(service.Page);
        string policy = Assert.Single(page.Headers.GetValues("Content-Security-Policy"));
        Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_proxy_in_front_may_say_who_the_operator_is()
    {
        await using ConfigProcess service = await ConfigProcess.StartAsync(
            ConfigProcess.SampleConfig("test.db")
                .Replace("# author-header:", "author-header:", StringComparison.Ordinal));
        const string Change = """
            {
              "name": "MAX_ROOMS", "scope": "all", "value": 5, "expected_revision": 0, "author": "mallory",
              "force": true
            }
            """;
        Assert.Equal(401, (await service.AskAsync(HttpMethod.Post, "/admin/changes", Change)).Status);
        (int status, JsonObject row) =
            await service.AskAsync(HttpMethod.Post, "/admin/changes", Change, ("X-Forwarded-User", "ann"));
        Assert.Equal((200, "ann"), (status, (string?)row["author"]));
        JsonObject all = (await service.AskAsync(
            HttpMethod.Get, "/admin/variables", null, ("X-Forwarded-User", "ann"))).Answer;
        Assert.Equal("ann", (string?)all["operator"]);
    }

    private static long[] Revisions(JsonObject page) =>
        [.. page["changes"]!.AsArray().Select(row => (long)row!["revision"]!)];

    private static async Task<JsonObject> GetAsync(ConfigProcess service, string path)
    {
        (int status, JsonObject answer) = await service.AskAsync(HttpMethod.Get, path);
        Assert.True(status == 200, answer.ToJsonString());
        return answer;
    }
}
