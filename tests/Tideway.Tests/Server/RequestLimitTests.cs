using System.Net;
using System.Net.WebSockets;
using CsCheck;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Tideway.Server;

namespace Tideway.Tests.Server;

public sealed class RequestLimitTests
{
    [Fact]
    public async Task More_requests_in_flight_than_the_limit_get_429_with_the_reason()
    {
        var begun = new TaskCompletionSource();
        var end = new TaskCompletionSource();
        Handler waits = TestServer.Answer(new() { Path = "/", Method = "GET,POST", MaxRequestsInFlight = 1 }, http =>
        {
            if (http.Request.Method == "POST") return Task.CompletedTask;
            begun.TrySetResult();
            return end.Task;
        });
        await using TestServer server = await TestServer.StartAsync(waits);
        Task<HttpResponseMessage> first = server.GetAsync("/");
        await begun.Task;

        using HttpResponseMessage second = await server.GetAsync("/");
        AssertRefused(second, "max-requests-in-flight");

        // Each method has places of its own.
        using HttpResponseMessage post =
            await server.Http.PostAsync(new Uri($"http://127.0.0.1:{server.Port}/"), null, TestServer.Patience);
        Assert.Equal(HttpStatusCode.OK, post.StatusCode);

        end.SetResult();
        Assert.Equal(HttpStatusCode.OK, (await first).StatusCode);
        Assert.Equal(HttpStatusCode.OK, await server.StatusOfAsync("/"));
    }

    [Fact]
    public async Task A_WebSocket_is_in_flight_until_it_is_accepted()
    {
        Handler talk = TestServer.Talk(
            "/ws",
            async connection => await connection.ReceiveAsync(),
            new() { Path = "/ws", MaxRequestsInFlight = 1 });
        await using TestServer server = await TestServer.StartAsync(talk);
        using ClientWebSocket first = await server.ConnectAsync("/ws");
        using ClientWebSocket second = await server.ConnectAsync("/ws");
        Assert.Equal((WebSocketState.Open, WebSocketState.Open), (first.State, second.State));
    }

    [Fact]
    public async Task More_requests_in_a_second_than_the_limit_get_429_with_the_reason()
    {
        var time = new FakeTimeProvider();
        Handler limited = TestServer.Answer(new() { Path = "/", MaxRequestsPerSecond = 2 }, _ => Task.CompletedTask);
        await using TestServer server =
            await TestServer.StartAsync(TestServer.Config, NullLoggerFactory.Instance, time, limited);
        Assert.Equal(HttpStatusCode.OK, await server.StatusOfAsync("/"));
        Assert.Equal(HttpStatusCode.OK, await server.StatusOfAsync("/"));
        using HttpResponseMessage third = await server.GetAsync("/");
        AssertRefused(third, "global-ratelimit");

        time.Advance(TimeSpan.FromMilliseconds(500));
        Assert.Equal(HttpStatusCode.OK, await server.StatusOfAsync("/"));
        Assert.Equal(HttpStatusCode.TooManyRequests, await server.StatusOfAsync("/"));
    }

    [Fact]
    public async Task Handshakes_count_too()
    {
        Handler talk = TestServer.Talk(
            "/ws",
            async connection => await connection.ReceiveAsync(),
            new() { Path = "/ws", MaxRequestsPerSecond = 1 });
        await using TestServer server =
            await TestServer.StartAsync(TestServer.Config, NullLoggerFactory.Instance, new FakeTimeProvider(), talk);
        using ClientWebSocket first = await server.ConnectAsync("/ws");
        using var second = new ClientWebSocket();
        second.Options.CollectHttpResponseDetails = true;
        await Assert.ThrowsAsync<WebSocketException>(
            () => second.ConnectAsync(new Uri($"ws://127.0.0.1:{server.Port}/ws"), TestServer.Patience));
        Assert.Equal(HttpStatusCode.TooManyRequests, second.HttpStatusCode);
    }

    [Fact]
    public void A_bucket_never_lets_through_more_than_its_size_and_its_rate() =>
        Gen.Select(Gen.Int[1, 1000], Gen.Int[0, 400].Array[1, 200]).Sample((rate, pauses) =>
        {
            var time = new FakeTimeProvider();
            var bucket = new TokenBucket(rate, time);
            double tokens = rate; // What a bucket that is refilled bit by bit would hold.
            foreach (int milliseconds in pauses)
            {
                time.Advance(TimeSpan.FromMilliseconds(milliseconds));
                tokens = Math.Min(rate, tokens + (rate * milliseconds / 1000.0));
                bool expected = tokens >= 1;
                if (Math.Abs(tokens - 1) < 1e-3) expected = tokens > 0.5 && bucket.TryTake();
                else Assert.Equal(expected, bucket.TryTake());
                if (expected) tokens -= 1;
            }
        });

    private static void AssertRefused(HttpResponseMessage response, string reason)
    {
        Assert.Equal(HttpStatusCode.TooManyRequests, response.StatusCode);
        Assert.Equal([reason], response.Headers.GetValues("X-YaTaxi-Ratelimit-Reason"));
        Assert.Equal([Environment.MachineName], response.Headers.GetValues("X-YaTaxi-Ratelimited-By"));
    }
}
