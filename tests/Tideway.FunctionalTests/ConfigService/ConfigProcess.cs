using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace Tideway.FunctionalTests.ConfigService;

/// <summary>The real config service as a process, with its own static config but for ports and database.</summary>
internal sealed class ConfigProcess : ServiceProcess
{
    /// <summary>What a service publishes that has three variables.</summary>
    public const string Schema = """
        {
          "$schema": "https://json-schema.org/draft/2020-12/schema",
          "type": "object",
          "properties": {
            "MAX_ROOMS": {
              "type": "integer", "minimum": 1, "maximum": 100, "description": "Rooms at most.", "default": 10
            },
            "GREETING": { "type": "string", "description": "The first words.", "default": "hello <b>" },
            "LIMITS": {
              "type": "object",
              "additionalProperties": {
                "type": "object",
                "properties": {
                  "rate": { "type": "integer", "minimum": 0 }, "names": { "items": { "type": "string" } }
                },
                "additionalProperties": false
              },
              "description": "Limits by room.",
              "default": {}
            }
          }
        }
        """;

    private readonly HttpClient _http = new() { Timeout = Patience };

    private ConfigProcess(string config)
        : base("ConfigService", config, [], isMeasured: true)
    {
    }

    public Uri Page => new($"http://127.0.0.1:{MonitorPort}/");

    /// <summary>Where services ask.</summary>
    public Uri ServiceUri => new($"http://127.0.0.1:{Port}");

    /// <summary>The sample's own config, with ports that the system picks.</summary>
    public static string SampleConfig(string database, int port = 0) =>
        File.ReadAllText(Repository.Path("samples", "ConfigService", "static_config.yaml"))
            .Replace("port: 8083", $"port: {port}")
            .Replace("port: 8084", "port: 0")
            .Replace("path: config-service.db", $"path: {database}");

    public static async Task<ConfigProcess> StartAsync(string config)
    {
        var service = new ConfigProcess(config);
        await service.WaitUntilListeningAsync();
        return service;
    }

    /// <summary>Starts a service whose database goes with it.</summary>
    public static Task<ConfigProcess> StartAsync() => StartAsync(SampleConfig("test.db"));

    /// <summary>Runs the service to its end, and answers its exit code and what it printed.</summary>
    public static async Task<(int ExitCode, string[] Lines)> RunAsync(string config)
    {
        await using var service = new ConfigProcess(config);
        return await service.WaitForEndAsync();
    }

    /// <summary>Asks for values, as services do.</summary>
    public async Task<JsonObject> ValuesAsync(string request)
    {
        var uri = new Uri(ServiceUri, "/configs/values");
        (int status, JsonObject answer) = await SendAsync(HttpMethod.Post, uri, request);
        Assert.True(status == 200, answer.ToJsonString());
        return answer;
    }

    /// <summary>Asks what only operators may ask.</summary>
    public Task<(int Status, JsonObject Answer)> AskAsync(
        HttpMethod method, string path, string? body = null, params (string Name, string Value)[] headers) =>
        SendAsync(method, new Uri(Page, path), body, headers);

    /// <summary>Publishes the variables of a service.</summary>
    public async Task<JsonObject> PublishAsync(string service, string schema = Schema)
    {
        (int status, JsonObject answer) = await AskAsync(HttpMethod.Put, $"/admin/schemas/{service}", schema);
        Assert.True(status == 200, answer.ToJsonString());
        return answer;
    }

    /// <summary>Makes a change that must succeed, and answers its row.</summary>
    public async Task<JsonObject> ChangeAsync(string change)
    {
        (int status, JsonObject answer) = await TryChangeAsync(change);
        Assert.True(status == 200, answer.ToJsonString());
        return answer;
    }

    /// <summary>Tries to make a change, by Ann.</summary>
    public Task<(int Status, JsonObject Answer)> TryChangeAsync(string change)
    {
        JsonObject request = JsonNode.Parse(change)!.AsObject();
        request.TryAdd("author", "ann");
        return AskAsync(HttpMethod.Post, "/admin/changes", request.ToJsonString());
    }

    /// <summary>Sets a value in place of whatever is there.</summary>
    /// <returns>The revision of the change.</returns>
    public async Task<long> SetAsync(string name, string json, string scope = "all", bool force = false)
    {
        (int status, JsonObject variable) = await AskAsync(HttpMethod.Get, $"/admin/variables/{name}");
        JsonNode? setting = status == 404 ? null : variable["settings"]!.AsArray()
            .FirstOrDefault(each => (string?)each!["scope"] == scope);
        JsonObject row = await ChangeAsync(new JsonObject
        {
            ["name"] = name,
            ["scope"] = scope,
            ["value"] = JsonNode.Parse(json),
            ["expected_revision"] = (long?)setting?["revision"] ?? 0,
            ["force"] = force,
        }.ToJsonString());
        return (long)row["revision"]!;
    }

    private async Task<(int Status, JsonObject Answer)> SendAsync(
        HttpMethod method, Uri uri, string? body, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, uri);
        if (body is not null) request.Content = new StringContent(body, new MediaTypeHeaderValue("application/json"));
        foreach ((string name, string value) in headers)
        {
            if (name == "Content-Type") request.Content!.Headers.ContentType = MediaTypeHeaderValue.Parse(value);
            else request.Headers.TryAddWithoutValidation(name, value);
        }

        using HttpResponseMessage response = await _http.SendAsync(request);
        Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
        return ((int)response.StatusCode, (await response.Content.ReadFromJsonAsync<JsonObject>())!);
    }
}
