using System.Text.Json.Nodes;

namespace Tideway.FunctionalTests.ConfigService;

/// <summary>What services are answered, on the protocol that they share with other config services.</summary>
public sealed class ValuesTests
{
    [Fact]
    public async Task All_values_are_answered_or_those_that_are_asked_for()
    {
        await using ConfigProcess service = await ConfigProcess.StartAsync();
        JsonObject empty = await service.ValuesAsync("{}");
        Assert.Equal(
            """{"configs":{},"removed":[],"kill_switches_enabled":[],"kill_switches_disabled":[]}""",
            Without(empty, "updated_at"));

        await service.PublishAsync("chat");
        await service.SetAsync("MAX_ROOMS", "5");
        await service.SetAsync("LIMITS", """{"lobby":{"rate":3}}""");
        await service.SetAsync("GREETING", "\"Ahoy, ≋ <b>\"");
        Assert.Equal(
            """{"GREETING":"Ahoy, ≋ <b>","LIMITS":{"lobby":{"rate":3}},"MAX_ROOMS":5}""",
            Sorted((await service.ValuesAsync("{}"))["configs"]!));
        Assert.Equal(
            """{"MAX_ROOMS":5}""",
            Sorted((await service.ValuesAsync("""{"ids":["MAX_ROOMS","NOBODY_KNOWS"],"service":"x"}"""))["configs"]!));
        Assert.Equal(3, (await service.ValuesAsync("""{"ids":[],"a_newer":"client"}"""))["configs"]!.AsObject().Count);
    }

    [Fact]
    public async Task Only_what_has_changed_since_is_answered_and_what_was_removed_is_named()
    {
        await using ConfigProcess service = await ConfigProcess.StartAsync();
        await service.PublishAsync("chat");
        await service.SetAsync("MAX_ROOMS", "5");
        long greeting = await service.SetAsync("GREETING", "\"a\"");
        string since = UpdatedAt(await service.ValuesAsync("{}"));
        Assert.Empty((await SinceAsync(service, since))["configs"]!.AsObject());

        await service.SetAsync("MAX_ROOMS", "6");
        JsonObject changed = await SinceAsync(service, since);
        Assert.Equal("""{"MAX_ROOMS":6}""", Sorted(changed["configs"]!));
        Assert.Empty(changed["removed"]!.AsArray());

        await service.ChangeAsync($$"""
            { "name": "GREETING", "scope": "all", "remove": true, "expected_revision": {{greeting}} }
            """);
        JsonObject removed = await SinceAsync(service, UpdatedAt(changed));
        Assert.Empty(removed["configs"]!.AsObject());
        Assert.Equal("""["GREETING"]""", removed["removed"]!.ToJsonString());

        // Who asks for the first time is told what there is, not what there was.
        JsonObject all = await service.ValuesAsync("{}");
        Assert.Equal("""{"MAX_ROOMS":6}""", Sorted(all["configs"]!));
        Assert.Empty(all["removed"]!.AsArray());
        Assert.Equal(UpdatedAt(removed), UpdatedAt(all));
    }

    [Fact]
    public async Task The_value_of_a_service_comes_before_that_of_its_stage_and_that_before_the_one_of_all()
    {
        await using ConfigProcess service = await ConfigProcess.StartAsync();
        await service.PublishAsync("chat");
        await service.SetAsync("MAX_ROOMS", "1");
        await service.SetAsync("MAX_ROOMS", "2", "stage:testing");
        long own = await service.SetAsync("MAX_ROOMS", "3", "service:chat");
        Assert.Equal(1, await RoomsAsync("""{"service":"other"}"""));
        Assert.Equal(2, await RoomsAsync("""{"stage_name":"testing","service":"other"}"""));
        Assert.Equal(3, await RoomsAsync("""{"stage_name":"testing","service":"chat"}"""));
        Assert.Equal(1, await RoomsAsync("""{"stage_name":"","service":""}"""));

        // Without its own value a service has the next one again, and is told so.
        string since = UpdatedAt(await service.ValuesAsync("{}"));
        await service.ChangeAsync($$"""
            { "name": "MAX_ROOMS", "scope": "service:chat", "remove": true, "expected_revision": {{own}} }
            """);
        Assert.Equal(1, await RoomsAsync($$"""{"service":"chat","updated_since":"{{since}}"}"""));
        JsonObject others = await service.ValuesAsync($$"""{"service":"other","updated_since":"{{since}}"}""");
        Assert.Empty(others["configs"]!.AsObject());

        async Task<int> RoomsAsync(string request) =>
            (int)(await service.ValuesAsync(request))["configs"]!["MAX_ROOMS"]!;
    }

    [Fact]
    public async Task Kill_switches_are_named_beside_their_values()
    {
        await using ConfigProcess service = await ConfigProcess.StartAsync();
        await service.PublishAsync("chat");
        await service.SetAsync("GREETING", "\"a\"");
        JsonObject row = await service.ChangeAsync("""
            { "name": "MAX_ROOMS", "scope": "all", "value": 5, "kill_switch": "disabled", "expected_revision": 0 }
            """);
        JsonObject off = await service.ValuesAsync("{}");
        Assert.Equal("""["MAX_ROOMS"]""", off["kill_switches_disabled"]!.ToJsonString());
        Assert.Equal("[]", off["kill_switches_enabled"]!.ToJsonString());
        Assert.Equal(5, (int)off["configs"]!["MAX_ROOMS"]!);

        await service.ChangeAsync($$"""
            {
              "name": "MAX_ROOMS", "scope": "all", "value": 5, "kill_switch": "enabled",
              "expected_revision": {{row["revision"]}}
            }
            """);
        JsonObject on = await SinceAsync(service, UpdatedAt(off));
        Assert.Equal("[]", on["kill_switches_disabled"]!.ToJsonString());
        Assert.Equal("""["MAX_ROOMS"]""", on["kill_switches_enabled"]!.ToJsonString());
        Assert.Equal("""["MAX_ROOMS"]""", (await service.ValuesAsync("{}"))["kill_switches_enabled"]!.ToJsonString());
    }

    [Fact]
    public async Task Every_change_has_a_later_moment_than_the_one_before()
    {
        await using ConfigProcess service = await ConfigProcess.StartAsync();
        await service.PublishAsync("chat");
        string last = UpdatedAt(await service.ValuesAsync("{}"));
        JsonObject[] rows = await Task.WhenAll(Enumerable.Range(0, 100).Select(number => service.ChangeAsync($$"""
            { "name": "MAX_ROOMS", "scope": "stage:{{number}}", "value": 5, "expected_revision": 0 }
            """)));
        foreach (JsonObject row in rows.OrderBy(row => (long)row["revision"]!))
        {
            Assert.True(string.CompareOrdinal(last, UpdatedAt(row)) < 0, $"{last} {row.ToJsonString()}");
            last = UpdatedAt(row);
        }

        Assert.Equal(last, UpdatedAt(await service.ValuesAsync("{}")));
    }

    [Fact]
    public async Task What_is_no_request_is_refused_with_a_reason()
    {
        await using ConfigProcess service = await ConfigProcess.StartAsync();
        using var http = new HttpClient { BaseAddress = service.ServiceUri };
        foreach ((string body, int expected) in new[]
        {
            ("", 400), ("[]", 400), ("null", 400), ("{", 400), ("""{"ids":"MAX_ROOMS"}""", 400),
            ("""{"ids":[5]}""", 400), ("""{"updated_since":5}""", 400), (new string(' ', 2_000_000), 413),
        })
        {
            using var content = new StringContent(body);
            using HttpResponseMessage response =
                await http.PostAsync(new Uri("/configs/values", UriKind.Relative), content);
            JsonNode answer = JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
            Assert.Equal((expected, true), ((int)response.StatusCode, ((string)answer["error"]!).Length > 0));
        }
    }

    private static Task<JsonObject> SinceAsync(ConfigProcess service, string since) =>
        service.ValuesAsync($$"""{"updated_since":"{{since}}"}""");

    private static string UpdatedAt(JsonObject answer) => (string)answer["updated_at"]!;

    private static string Sorted(JsonNode members) => new JsonObject(members.AsObject()
        .OrderBy(member => member.Key, StringComparer.Ordinal)
        .Select(member => KeyValuePair.Create(member.Key, member.Value?.DeepClone()))).ToJsonString(
            new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    private static string Without(JsonObject answer, string key)
    {
        Assert.True(answer.Remove(key));
        return answer.ToJsonString();
    }
}
