using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Tideway.Testing.Lifetime;

namespace Tideway.Testing.Mocks;

/// <summary>Stands for everything that the service calls over HTTP.</summary>
/// <remarks>A request that no handler takes fails the test, as does a handler that throws. Handlers that a test adds
/// are gone after it. Safe from any thread.</remarks>
public sealed class MockServer : IAsyncDisposable
{
    private const int LargestBody = 64 << 20;
    private readonly Func<TestRun> _enter;
    private readonly Func<TestRun> _current;
    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<MockHandler, int> _open = new();
    private readonly Lock _lock = new();
    private List<MockHandler> _handlers = [];
    private int _kept;

    internal MockServer(Func<TestRun> enter, Func<TestRun> current)
    {
        (_enter, _current) = (enter, current);
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = LargestBody;
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http1);
        });
        builder.Services.AddSingleton<IHostLifetime, PassiveLifetime>();
        _app = builder.Build();
        _app.Run(ServeAsync);
    }

    /// <summary>Its address, for the config of the service: <c>http://127.0.0.1:4711/</c>, say.</summary>
    public Uri Url { get; private set; } = new("http://127.0.0.1/");

    /// <summary>Answers requests on a path with JSON.</summary>
    /// <param name="path">The path; with a star at its end, all that begin so.</param>
    /// <param name="answer">The answer.</param>
    /// <returns>What was asked.</returns>
    public MockHandler Answer(string path, JsonNode? answer)
    {
        string json = answer?.ToJsonString() ?? "null";
        return Handle(path, (_, http) =>
        {
            http.Response.ContentType = "application/json";
            return http.Response.WriteAsync(json);
        });
    }

    /// <summary>Answers requests on a path.</summary>
    /// <remarks>Of several handlers on a path, the last one that was added answers.</remarks>
    /// <param name="path">The path; with a star at its end, all that begin so.</param>
    /// <param name="answer">Gets the request, and writes the answer.</param>
    /// <returns>What was asked.</returns>
    public MockHandler Handle(string path, Func<MockRequest, HttpContext, Task> answer)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(answer);
        _enter();
        var handler = new MockHandler("/" + path.TrimStart('/'), answer);
        lock (_lock) _handlers = [handler, .. _handlers];
        return handler;
    }

    /// <summary>Stops listening.</summary>
    public ValueTask DisposeAsync() => _app.DisposeAsync();

    internal async Task StartAsync()
    {
        await _app.StartAsync();
        Url = new Uri(_app.Urls.Single());
    }

    /// <summary>Keeps the handlers that there are now for all tests.</summary>
    internal void Keep()
    {
        lock (_lock) _kept = _handlers.Count;
    }

    /// <summary>Forgets the handlers of a test, which have to end in time.</summary>
    internal async Task ResetAsync(TestRun run, TimeSpan time)
    {
        long began = Stopwatch.GetTimestamp();
        while (!_open.IsEmpty && Stopwatch.GetElapsedTime(began) < time) await Task.Delay(5);
        foreach (MockHandler handler in _open.Keys)
            run.Report($"The mock handler of {handler.Path} still runs {time.TotalSeconds} s after the test.");
        lock (_lock) _handlers = _handlers[^_kept..];
    }

    private async Task ServeAsync(HttpContext http)
    {
        MockRequest request = await ReadAsync(http.Request);
        MockHandler? handler;
        lock (_lock) handler = _handlers.FirstOrDefault(handler => handler.Takes(request.Path));
        if (handler is null)
        {
            _current().Report($"The mock server has no handler for what the service asked: {request} {request.Text}");
            http.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        _open.AddOrUpdate(handler, 1, (_, count) => count + 1);
        try
        {
            await handler.ServeAsync(request, http);
        }
        catch (Exception exception)
        {
            _current().Report($"The mock handler of {handler.Path} failed at {request}: {exception}");
            if (!http.Response.HasStarted) http.Response.StatusCode = StatusCodes.Status500InternalServerError;
        }
        finally
        {
            if (_open.AddOrUpdate(handler, 0, (_, count) => count - 1) == 0)
                _open.TryRemove(KeyValuePair.Create(handler, 0));
        }
    }

    private static async Task<MockRequest> ReadAsync(HttpRequest request)
    {
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body);
        return new MockRequest(
            request.Method,
            request.Path,
            request.QueryString.ToString(),
            request.Headers.ToDictionary(
                header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase),
            body.ToArray());
    }

    /// <summary>Leaves signals to the process of the tests.</summary>
    private sealed class PassiveLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
