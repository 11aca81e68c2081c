using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Tideway.Server;

namespace Tideway.Tests.Server;

public sealed class RouteTests
{
    [Theory]
    [InlineData("/both", 200)]
    [InlineData("/both/", 200)]
    [InlineData("/slash", 200)]
    [InlineData("/slash/", 200)]
    [InlineData("/files", 200)]
    [InlineData("/files/a/b/", 200)]
    [InlineData("/strict", 200)]
    [InlineData("/strict/", 404)]
    [InlineData("/strict-slash", 404)]
    [InlineData("/strict-slash/", 200)]
    [InlineData("/strict-files", 404)]
    [InlineData("/strict-files/", 200)]
    [InlineData("/strict-files/a", 200)]
    [InlineData("/strict-files/a/", 200)]
    [InlineData("/users/1", 200)]
    [InlineData("/users/1/", 201)]
    public async Task A_slash_at_the_end_of_a_path_counts_where_the_route_is_strict(string path, int status)
    {
        await using TestServer server = await TestServer.StartAsync(
            Route("/both"),
            Route("/slash/"),
            Route("/files/*"),
            Route("/strict", TrailingSlash.StrictMatch),
            Route("/strict-slash/", TrailingSlash.StrictMatch),
            Route("/strict-files/*", TrailingSlash.StrictMatch),
            Route("/users/{id}", TrailingSlash.StrictMatch),
            Route("/users/{id}/", TrailingSlash.StrictMatch, StatusCodes.Status201Created));
        Assert.Equal(status, (int)await server.StatusOfAsync(path));
    }

    [Theory]
    [InlineData(TrailingSlash.Both, TrailingSlash.Both)]
    [InlineData(TrailingSlash.Both, TrailingSlash.StrictMatch)]
    [InlineData(TrailingSlash.StrictMatch, TrailingSlash.Both)]
    public void Two_routes_that_differ_by_a_slash_only_are_refused_unless_both_are_strict(
        TrailingSlash first, TrailingSlash second)
    {
        var error = Assert.Throws<InvalidOperationException>(() => new HttpServer(
            TestServer.Config, [Route("/a", first), Route("/a/", second)], NullLoggerFactory.Instance));
        Assert.Contains("'/a/' and '/a' both answer GET /a", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false, null, false)]
    [InlineData(true, null, true)]
    [InlineData(true, false, false)]
    [InlineData(false, true, true)]
    public async Task Answers_name_the_machine_where_it_is_asked_for(bool server, bool? handler, bool named)
    {
        Handler route = TestServer.Answer(
            new() { Path = "/a", SetResponseServerHostname = handler },
            _ => throw new InvalidOperationException("bug"));
        await using TestServer running =
            await TestServer.StartAsync(TestServer.Config with { SetResponseServerHostname = server }, route);
        using HttpResponseMessage response = await running.GetAsync("/a");
        Assert.Equal(named, response.Headers.TryGetValues("X-YaTaxi-Server-Hostname", out IEnumerable<string>? values));
        if (named) Assert.Equal([Environment.MachineName], values);
        Assert.Equal("Tideway", response.Headers.Server.ToString());
    }

    private static Handler Route(
        string path, TrailingSlash slash = TrailingSlash.Both, int status = StatusCodes.Status200OK) =>
        TestServer.Answer(
            new() { Path = path, UrlTrailingSlash = slash },
            http =>
            {
                http.Response.StatusCode = status;
                return Task.CompletedTask;
            },
            path);
}
