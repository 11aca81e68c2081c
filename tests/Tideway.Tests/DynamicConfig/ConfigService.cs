using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Tideway.Server;
using Tideway.Tests.Server;

namespace Tideway.Tests.DynamicConfig;

/// <summary>A config service that answers what a test says, and remembers what it was asked.</summary>
internal sealed class ConfigService : IAsyncDisposable
{
    private readonly ConcurrentQueue<JsonNode> _requests = new();
    private TestServer _server = null!;

    /// <summary>Makes the answer to a request.</summary>
    public Func<JsonNode, string> Answer { get; set; } = _ => """{ "configs": {}, "updated_at": "1" }""";

    /// <summary>The status of answers.</summary>
    public int Status { get; set; } = 200;

    /// <summary>Runs before an answer; may take its time.</summary>
    public Func<HttpContext, Task> Before { get; set; } = _ => Task.CompletedTask;

    public JsonNode[] Requests => [.. _requests];

    public string Url => $"http://127.0.0.1:{_server.Port}";

    public static async Task<ConfigService> StartAsync(string path = "/configs/values")
    {
        var service = new ConfigService();
        service._server = await TestServer.StartAsync(
            TestServer.Answer(new HandlerConfig { Path = path, Method = "POST" }, service.AnswerAsync));
        return service;
    }

    public void Answers(string json) => Answer = _ => json;

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private async Task AnswerAsync(HttpContext http)
    {
        JsonNode request = (await JsonSerializer.DeserializeAsync<JsonNode>(http.Request.Body))!;
        _requests.Enqueue(request);
        await Before(http);
        http.Response.StatusCode = Status;
        http.Response.ContentType = "application/json";
        await http.Response.WriteAsync(Answer(request));
    }
}
