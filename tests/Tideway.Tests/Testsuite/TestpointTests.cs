using System.Collections.Concurrent;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Tideway.Components;
using Tideway.Server;
using Tideway.Tests.Server;
using Tideway.Testsuite;
using Tideway.WebSockets.Connections;

namespace Tideway.Tests.Testsuite;

public sealed class TestpointTests
{
    [Fact]
    public async Task A_handler_tells_the_test_waits_and_goes_on_with_what_it_answered()
    {
        await using var test = await TestOfTestpoints.StartAsync();
        await using TestService service = await StartAsync(test.Url);
        await service.DoAsync("control", """{"testpoints": ["said"]}""");
        test.Answer = _ => """{"data": "changed", "handled": true}""";
        Assert.Equal("changed", await SayAsync(service, "hello"));
        JsonNode request = Assert.Single(test.Requests);
        Assert.Equal(["id", "name", "data"], request.AsObject().Select(member => member.Key));
        Assert.Matches("^[0-9a-f]{16}$", (string)request["id"]!);
        Assert.Equal("said", (string)request["name"]!);
        Assert.Equal("""{"Text":"hello"}""", request["data"]!.ToJsonString());
        Assert.Equal("application/json", test.ContentType);
    }

    [Theory]
    [InlineData("""{"data": "changed", "handled": false}""")]
    [InlineData("""{"data": null}""")]
    [InlineData("""{}""")]
    public async Task An_answer_that_handles_nothing_changes_nothing(string answer)
    {
        await using var test = await TestOfTestpoints.StartAsync();
        await using TestService service = await StartAsync(test.Url);
        await service.DoAsync("control", """{"testpoints": ["said"]}""");
        test.Answer = _ => answer;
        Assert.Equal("hello", await SayAsync(service, "hello"));
        Assert.Single(test.Requests);
    }

    [Fact]
    public async Task Only_registered_names_are_told_when_others_are_skipped_and_all_of_them_otherwise()
    {
        await using var test = await TestOfTestpoints.StartAsync();
        await using (TestService service = await StartAsync(test.Url))
        {
            Assert.Equal("hello", await SayAsync(service, "hello"));
            await service.DoAsync("control", """{"testpoints": ["other"]}""");
            Assert.Equal("hello", await SayAsync(service, "hello"));
            Assert.Empty(test.Requests);
            await service.DoAsync("control", """{"testpoints": ["other", "said"]}""");
            await SayAsync(service, "hello");
            Assert.Single(test.Requests);
        }

        await using TestService all = await StartAsync(test.Url, skips: false);
        await SayAsync(all, "hello");
        Assert.Equal(2, test.Requests.Length);
    }

    [Fact]
    public async Task A_test_that_fails_to_answer_fails_the_code_with_the_reason()
    {
        await using var test = await TestOfTestpoints.StartAsync();
        using var client = new TestpointClient(
            new Uri(test.Url), TimeSpan.FromMilliseconds(200), false, NullLogger.Instance);
        var testpoints = new Testpoints();
        testpoints.Connect(client);
        test.Status = 500;
        test.Answer = _ => "no such message";
        var failed = await Assert.ThrowsAsync<HttpRequestException>(async () => await testpoints.HitAsync("said"));
        Assert.Contains("Testpoint 'said'", failed.Message, StringComparison.Ordinal);
        Assert.EndsWith("it answered 500: no such message", failed.Message, StringComparison.Ordinal);
        test.Status = 200;
        test.Answer = _ => "{";
        failed = await Assert.ThrowsAsync<HttpRequestException>(async () => await testpoints.HitAsync("said"));
        Assert.Contains("its answer is not JSON", failed.Message, StringComparison.Ordinal);
        test.Before = () => Task.Delay(Timeout.Infinite, TestService.Patience);
        var late = await Assert.ThrowsAsync<TimeoutException>(async () => await testpoints.HitAsync("said"));
        Assert.EndsWith("did not answer within 0.2 s", late.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_test_a_testpoint_allocates_nothing()
    {
        var testpoints = new Testpoints();
        string text = "hello";
        Hit();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++) Hit();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Hit()
        {
            Check(testpoints.HitAsync("said"));
            Check(testpoints.HitAsync("said", text));
            Check(testpoints.HitAsync("said", 7));
            Assert.False(testpoints.IsEnabled("said"));
        }

        static void Check(ValueTask<JsonNode?> hit) => Assert.True(hit.IsCompletedSuccessfully);
    }

    private static Task<TestService> StartAsync(string url, bool skips = true) => TestService.StartAsync(
        $$"""
            testsuite-support:
            tests-control:
              path: /tests/{action}
              testpoint-url: {{url}}
              testpoint-timeout: 60s
              skip-unregistered-testpoints: {{(skips ? "true" : "false")}}
            talk: { path: /talk }
        """,
        list => list.Append<Talk>());

    private static async Task<string> SayAsync(TestService service, string text)
    {
        using ClientWebSocket client = await service.ConnectAsync("/talk");
        await client.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, true, TestService.Patience);
        byte[] buffer = new byte[100];
        WebSocketReceiveResult result = await client.ReceiveAsync(buffer, TestService.Patience);
        return Encoding.UTF8.GetString(buffer, 0, result.Count);
    }

    private sealed record Said(string Text);

    /// <summary>An echo that lets a test change what was said.</summary>
    private sealed class Talk(WebSocketHandlerConfig config, ComponentContext context, Testpoints testpoints)
        : WebSocketHandler(config, context), INamedComponent
    {
        public static string ComponentName => "talk";

        protected override async Task HandleAsync(WebSocketConnection connection, RequestContext request)
        {
            while (await connection.ReceiveAsync() is { IsClose: false } message)
            {
                string text = Encoding.UTF8.GetString(message.Data.Span);
                JsonNode? answer = await testpoints.HitAsync("said", new Said(text));
                await connection.SendTextAsync((string?)answer ?? text);
            }
        }
    }

    /// <summary>What a test listens with.</summary>
    private sealed class TestOfTestpoints : IAsyncDisposable
    {
        private readonly ConcurrentQueue<JsonNode> _requests = new();
        private TestServer _server = null!;

        public Func<JsonNode, string> Answer { get; set; } = _ => """{"data": null}""";

        public int Status { get; set; } = 200;

        public Func<Task> Before { get; set; } = () => Task.CompletedTask;

        public string? ContentType { get; private set; }

        public JsonNode[] Requests => [.. _requests];

        public string Url => $"http://127.0.0.1:{_server.Port}/testpoint";

        public static async Task<TestOfTestpoints> StartAsync()
        {
            var test = new TestOfTestpoints();
            test._server = await TestServer.StartAsync(
                TestServer.Answer(new() { Path = "/testpoint", Method = "POST" }, test.AnswerAsync));
            return test;
        }

        public ValueTask DisposeAsync() => _server.DisposeAsync();

        private async Task AnswerAsync(HttpContext http)
        {
            JsonNode request = (await JsonSerializer.DeserializeAsync<JsonNode>(http.Request.Body))!;
            _requests.Enqueue(request);
            ContentType = http.Request.ContentType;
            await Before();
            http.Response.StatusCode = Status;
            await http.Response.WriteAsync(Answer(request));
        }
    }
}
