using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Tideway.Testing.Hosting;

namespace Tideway.Testing.Control;

/// <summary>Speaks with the <c>tests-control</c> of a service.</summary>
/// <remarks>Safe from any thread.</remarks>
internal sealed class TestsControl
{
    private HttpClient? _http;
    private string? _path;

    /// <summary>Whether the service has started, and can be controlled.</summary>
    public bool IsThere => _path is not null;

    /// <summary>The service has started.</summary>
    /// <param name="http">The service.</param>
    /// <param name="path">The path of its handler, with <c>{action}</c>; null when it has none.</param>
    public void Connect(HttpClient http, string? path) => (_http, _path) = (http, path);

    /// <summary>Has the service do something.</summary>
    /// <exception cref="InvalidOperationException">It has no such handler, or could not do it.</exception>
    public async Task<JsonNode?> CallAsync(string action, JsonObject request)
    {
        if (_path is null)
        {
            throw new InvalidOperationException(
                $"The service has no component '{TestConfig.ControlName}', without which its tests cannot control it. "
                + "ComponentList.MinimalServer() has it; a list of other origin has to append it.");
        }

        using HttpResponseMessage answer =
            await _http!.PostAsJsonAsync(_path.Replace("{action}", action, StringComparison.Ordinal), request);
        string body = await answer.Content.ReadAsStringAsync();
        if (!answer.IsSuccessStatusCode)
        {
            throw new InvalidOperationException(
                $"The service could not do what its test asked for ({action}: {(int)answer.StatusCode}):\n"
                + MessageOf(body));
        }

        return body.Length > 0 ? JsonNode.Parse(body) : null;
    }

    /// <summary>What a refusal says to people; all of it if it is none of ours.</summary>
    private static string MessageOf(string body)
    {
        try
        {
            return JsonNode.Parse(body) is JsonObject problem && problem["message"] is JsonValue message
                ? message.ToString()
                : body;
        }
        catch (JsonException)
        {
            return body;
        }
    }
}
