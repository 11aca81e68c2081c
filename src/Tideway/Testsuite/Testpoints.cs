using System.Text.Json.Nodes;
using Tideway.Components;

namespace Tideway.Testsuite;

/// <summary>Lets functional tests stop and look where the code of a service says so: the <c>testpoints</c>
/// component.</summary>
/// <remarks>
/// <code>
/// await testpoints.HitAsync("message-saved", message.Id);
/// </code>
/// A test that handles the name gets the data, and the code goes on when it has answered. Without a test this costs the
/// read of a field. Safe from any thread.
/// </remarks>
public sealed class Testpoints : INamedComponent
{
    private volatile TestpointClient? _client;

    /// <inheritdoc/>
    public static string ComponentName => "testpoints";

    /// <summary>Tells whether a test handles a name: to make data only then.</summary>
    /// <param name="name">The name of the testpoint.</param>
    public bool IsEnabled(string name) => _client?.IsEnabled(name) == true;

    /// <summary>Tells a test that the code is here, and waits for its answer.</summary>
    /// <param name="name">The name of the testpoint.</param>
    /// <returns>What the test answered; null when it does not handle the name, or answered nothing.</returns>
    /// <exception cref="HttpRequestException">The test failed to answer.</exception>
    /// <exception cref="TimeoutException">The test did not answer within <c>testpoint-timeout</c>.</exception>
    public ValueTask<JsonNode?> HitAsync(string name) => HitAsync<object?>(name, null);

    /// <summary>Tells a test that the code is here, with data, and waits for its answer.</summary>
    /// <typeparam name="T">The type of the data.</typeparam>
    /// <param name="name">The name of the testpoint.</param>
    /// <param name="data">What the test gets, as JSON.</param>
    /// <returns>What the test answered; null when it does not handle the name, or answered nothing.</returns>
    /// <exception cref="HttpRequestException">The test failed to answer.</exception>
    /// <exception cref="TimeoutException">The test did not answer within <c>testpoint-timeout</c>.</exception>
    public ValueTask<JsonNode?> HitAsync<T>(string name, T data) =>
        _client is { } client && client.IsEnabled(name) ? client.HitAsync(name, data) : default;

    /// <summary>Sends what is hit to a test from now on; null for nowhere.</summary>
    internal void Connect(TestpointClient? client) => _client = client;
}
