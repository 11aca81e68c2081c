using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Tideway.Testing.Control;
using Tideway.Testing.Lifetime;
using Tideway.Testing.Mocks;

namespace Tideway.Testing.Testpoints;

/// <summary>The testpoints in the code of the service: what happens where only the service can see it.</summary>
/// <remarks>A testpoint that nobody has subscribed to costs the service nothing. Subscriptions end with their test.
/// Safe from any thread.</remarks>
public sealed class TestpointList
{
    private readonly TestsControl _control;
    private readonly Func<TestRun> _enter;
    private readonly Func<TestRun> _current;
    private readonly ConcurrentDictionary<string, Testpoint> _points = new();

    internal TestpointList(TestsControl control, Func<TestRun> enter, Func<TestRun> current) =>
        (_control, _enter, _current) = (control, enter, current);

    /// <summary>Has the service tell when it comes by a testpoint.</summary>
    /// <param name="name">The name of the testpoint.</param>
    /// <param name="handler">Gets what the service tells there, and answers; null to answer nothing. What it throws is
    /// thrown in the service, there. An assertion that fails in it fails the test, too.</param>
    /// <returns>What came by.</returns>
    public Task<Testpoint> SubscribeAsync(string name, Func<JsonNode?, JsonNode?>? handler = null) =>
        AddAsync(new Testpoint(name, handler ?? (_ => null)));

    /// <summary>Has the service fail at a testpoint: it throws there.</summary>
    /// <param name="name">The name of the testpoint.</param>
    /// <param name="message">What the failure says.</param>
    /// <returns>What came by.</returns>
    public Task<Testpoint> FailAsync(string name, string message = "injected by the test") =>
        SubscribeAsync(name, _ => throw new InvalidOperationException(message));

    /// <summary>Has the service wait at a testpoint, until it is released or the test ends.</summary>
    /// <param name="name">The name of the testpoint.</param>
    /// <returns>What came by; <see cref="Testpoint.Release"/> lets it go on.</returns>
    public Task<Testpoint> HoldAsync(string name) => AddAsync(new Testpoint(name));

    /// <summary>Answers the service.</summary>
    internal async Task ServeAsync(MockRequest request, HttpContext http)
    {
        JsonNode? call = request.Json;
        string name = call!["name"]!.GetValue<string>();
        JsonObject answer = new() { ["data"] = null, ["handled"] = false };
        if (_points.TryGetValue(name, out Testpoint? point))
        {
            try
            {
                answer = new JsonObject { ["data"] = await point.CallAsync(call["data"]), ["handled"] = true };
            }
            catch (Exception exception)
            {
                if (IsAssertion(exception)) _current().Report($"At the testpoint '{name}': {exception.Message}");
                http.Response.StatusCode = StatusCodes.Status500InternalServerError;
                await http.Response.WriteAsync(exception.Message);
                return;
            }
        }

        await http.Response.WriteAsJsonAsync(answer);
    }

    /// <summary>Ends all subscriptions.</summary>
    internal async Task ResetAsync()
    {
        if (_points.IsEmpty) return;
        foreach (Testpoint point in _points.Values) point.Release();
        _points.Clear();
        await EnableAsync();
    }

    private static bool IsAssertion(Exception exception) =>
        exception.GetType().GetInterfaces().Any(type => type.Name == "IAssertionException");

    private async Task<Testpoint> AddAsync(Testpoint point)
    {
        _enter();
        if (!_points.TryAdd(point.Name, point))
            throw new InvalidOperationException($"The test has subscribed to the testpoint '{point.Name}' already.");
        await EnableAsync();
        return point;
    }

    private async Task EnableAsync() => await _control.CallAsync("control", new JsonObject
    {
        ["testpoints"] = new JsonArray([.. _points.Keys.Select(name => JsonValue.Create(name))]),
    });
}
