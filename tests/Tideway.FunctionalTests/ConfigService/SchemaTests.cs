using System.Text.Json.Nodes;

namespace Tideway.FunctionalTests.ConfigService;

/// <summary>Values that a service could not take are refused before it is asked to.</summary>
public sealed class SchemaTests
{
    [Fact]
    public async Task A_value_that_breaks_the_schema_is_refused_with_path_value_and_reason()
    {
        await using ConfigProcess service = await ConfigProcess.StartAsync();
        await service.PublishAsync("chat");
        foreach ((string name, string value, string path, string found, string reason) in new[]
        {
            ("MAX_ROOMS", "101", "MAX_ROOMS", "101", "100"),
            ("MAX_ROOMS", "\"5\"", "MAX_ROOMS", "\"5\"", "integer"),
            ("MAX_ROOMS", "null", "MAX_ROOMS", "null", "integer"),
            ("LIMITS", """{"a":{"rate":-1}}""", "LIMITS.a.rate", "-1", "0"),
            ("LIMITS", """{"a.b/c":{"names":["x",5]}}""", "LIMITS.a.b/c.names[1]", "5", "string"),
            ("LIMITS", """{"a":{"rat":1}}""", "LIMITS.a.rat", "1", "there is no such key"),
        })
        {
            (int status, JsonObject answer) = await service.TryChangeAsync(
                $$"""{ "name": "{{name}}", "scope": "all", "value": {{value}}, "expected_revision": 0 }""");
            Assert.Equal((422, $"{name} cannot have this value"), (status, (string?)answer["error"]));
            JsonNode problem = Assert.Single(answer["problems"]!.AsArray())!;
            Assert.Equal("chat", (string?)problem["service"]);
            Assert.Equal(path, (string?)problem["path"]);
            Assert.Equal(found, problem["value"]?.ToJsonString() ?? "null");
            Assert.Contains(reason, (string)problem["reason"]!, StringComparison.Ordinal);
        }

        Assert.Empty((await service.ValuesAsync("{}"))["configs"]!.AsObject());
    }

    [Fact]
    public async Task A_value_has_to_suit_every_service_that_it_is_for()
    {
        await using ConfigProcess service = await ConfigProcess.StartAsync();
        await service.PublishAsync("chat");
        await service.PublishAsync("mail", """{"properties":{"MAX_ROOMS":{"type":"integer","maximum":3}}}""");
        (int status, JsonObject answer) = await service.TryChangeAsync(
            """{ "name": "MAX_ROOMS", "scope": "all", "value": 5, "expected_revision": 0 }""");
        Assert.Equal(422, status);
        Assert.Equal("mail", (string?)Assert.Single(answer["problems"]!.AsArray())!["service"]);
        await service.SetAsync("MAX_ROOMS", "5", "service:chat");
        await service.SetAsync("MAX_ROOMS", "2");

        foreach ((string name, string scope, string reason) in new[]
        {
            ("MAX_ROMS", "all", "it is not among what any service has published"),
            ("LIMITS", "service:mail", "it is not among what mail has published"),
            ("MAX_ROOMS", "service:cat", "no service 'cat' has published its variables"),
        })
        {
            (status, answer) = await service.TryChangeAsync(
                $$"""{ "name": "{{name}}", "scope": "{{scope}}", "value": 1, "expected_revision": 0 }""");
            Assert.Equal(422, status);
            Assert.Equal(reason, (string?)Assert.Single(answer["problems"]!.AsArray())!["reason"]);
        }
    }

    [Fact]
    public async Task An_operator_may_insist_and_the_row_says_so()
    {
        await using ConfigProcess service = await ConfigProcess.StartAsync();
        await service.PublishAsync("chat");
        JsonObject row = await service.ChangeAsync(
            """{ "name": "MAX_ROOMS", "scope": "all", "value": "many", "expected_revision": 0, "force": true }""");
        Assert.True((bool)row["forced"]!);
        Assert.Equal("many", (string?)(await service.ValuesAsync("{}"))["configs"]!["MAX_ROOMS"]);
        JsonObject variable = (await service.AskAsync(HttpMethod.Get, "/admin/variables/MAX_ROOMS")).Answer;
        Assert.Equal("MAX_ROOMS", (string?)variable["settings"]![0]!["problems"]![0]!["path"]);

        // Going back to a row that the schema does not allow needs the same word.
        long good = await service.SetAsync("MAX_ROOMS", "5");
        string back = $$"""{ "rollback_to": {{row["revision"]}}, "expected_revision": {{good}} }""";
        Assert.Equal(422, (await service.TryChangeAsync(back)).Status);
    }

    [Fact]
    public async Task A_schema_that_changes_tells_which_values_it_breaks()
    {
        await using ConfigProcess service = await ConfigProcess.StartAsync();
        await service.PublishAsync("chat");
        await service.SetAsync("MAX_ROOMS", "50");
        await service.SetAsync("GREETING", "\"a\"");
        JsonObject answer = await service.PublishAsync(
            "chat", ConfigProcess.Schema.Replace("\"maximum\": 100", "\"maximum\": 20", StringComparison.Ordinal));
        Assert.Equal(3, (int)answer["variables"]!);
        JsonNode broken = Assert.Single(answer["broken"]!.AsArray())!;
        Assert.Equal("MAX_ROOMS", (string?)broken["name"]);
        Assert.Equal("50", broken["problems"]![0]!["value"]!.ToJsonString());

        Assert.Equal(200, (await service.AskAsync(HttpMethod.Delete, "/admin/schemas/chat")).Status);
        JsonObject left = (await service.AskAsync(HttpMethod.Get, "/admin/variables")).Answer;
        Assert.Empty(left["services"]!.AsArray());
        Assert.Equal(2, left["variables"]!.AsArray().Count);
    }

    [Fact]
    public async Task What_is_no_schema_is_refused()
    {
        await using ConfigProcess service = await ConfigProcess.StartAsync();
        foreach ((string path, string body, int expected) in new[]
        {
            ("/admin/schemas/chat", "[]", 422), ("/admin/schemas/chat", "{}", 422),
            ("/admin/schemas/chat", """{"properties":5}""", 422), ("/admin/schemas/chat", "{", 400),
            ("/admin/schemas/chat", """{"properties":{"A":{"type":"whole"}}}""", 422),
            ("/admin/schemas/chat", """{"properties":{"A":{"type":"string","pattern":"("}}}""", 422),
            ("/admin/schemas/chat", """{"properties":{"A":5}}""", 422),
            ("/admin/schemas/chat", """{"properties":{"A":{"allOf":[{"$ref":"#"}]}}}""", 422), // has no end
            ("/admin/schemas/chat", """{"properties":{"A":{"items":{"$dynamicRef":"#a"}}}}""", 422),
            ("/admin/schemas/chat", """{"properties":{"A":{"default":""" + Nested(50) + "}}}", 400),
            ("/admin/schemas/a%20b", ConfigProcess.Schema, 400),
        })
        {
            (int status, JsonObject answer) = await service.AskAsync(HttpMethod.Put, path, body);
            Assert.True(expected == status, $"{body}: {status} {answer.ToJsonString()}");
            Assert.NotEmpty((string)answer["error"]!);
        }

        await service.PublishAsync("chat", """{"properties":{"A":{"default":{"$ref":"is no schema here"}}}}""");
        await service.SetAsync("A", "1");
    }

    [Fact]
    public async Task A_value_is_nested_no_deeper_than_all_can_read()
    {
        await using ConfigProcess service = await ConfigProcess.StartAsync();
        await service.PublishAsync("chat", """{"properties":{"ANY":{}}}""");
        (int status, JsonObject answer) = await service.TryChangeAsync(
            $$"""{ "name": "ANY", "scope": "all", "value": {{Nested(48)}}, "expected_revision": 0 }""");
        Assert.Equal(400, status);
        Assert.Contains("depth of 48", (string)answer["error"]!, StringComparison.Ordinal);

        await service.SetAsync("ANY", Nested(47));
        Assert.Equal(Nested(47), (await service.ValuesAsync("{}"))["configs"]!["ANY"]!.ToJsonString());
        foreach (string path in (string[])["/admin/variables", "/admin/variables/ANY", "/admin/changes"])
            Assert.Equal(200, (await service.AskAsync(HttpMethod.Get, path)).Status);
    }

    private static string Nested(int depth) => new string('[', depth) + new string(']', depth);
}
