using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;

namespace Tideway.Testsuite;

/// <summary>Tells a test, over HTTP, which testpoints are hit.</summary>
/// <remarks>Safe from any thread.</remarks>
/// <param name="url">Where the test listens.</param>
/// <param name="timeout">How long it may take to answer, in real time.</param>
/// <param name="onlyRegistered">Whether only the names of <see cref="Handle"/> are told, and none before.</param>
/// <param name="logger">Where hits are logged.</param>
internal sealed partial class TestpointClient(Uri url, TimeSpan timeout, bool onlyRegistered, ILogger logger)
    : IDisposable
{
    private const int LongestAnswer = 16 * 1024 * 1024;
    private const int LongestReason = 1000;

    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false })
    {
        Timeout = Timeout.InfiniteTimeSpan,
        MaxResponseContentBufferSize = LongestAnswer,
    };

    private volatile HashSet<string>? _names = onlyRegistered ? [] : null;

    /// <summary>Tells whether a name is told.</summary>
    public bool IsEnabled(string name) => _names?.Contains(name) != false;

    /// <summary>Says which names the test handles.</summary>
    public void Handle(IEnumerable<string> names)
    {
        if (onlyRegistered) _names = [.. names];
    }

    /// <summary>Tells of a hit, and waits for the answer.</summary>
    /// <returns>The data of the answer; null when the test does not handle the name.</returns>
    public async ValueTask<JsonNode?> HitAsync<T>(string name, T data)
    {
        string id = (Activity.Current?.SpanId ?? ActivitySpanId.CreateRandom()).ToHexString();
        var request = new JsonObject
        {
            ["id"] = id,
            ["name"] = name,
            ["data"] = JsonSerializer.SerializeToNode(data),
        };
        TestpointHit(logger, name, id);
        using var body = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes<JsonNode>(request));
        body.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using var limit = new CancellationTokenSource(timeout);
        try
        {
            using HttpResponseMessage response = await _http.PostAsync(url, body, limit.Token).ConfigureAwait(false);
            byte[] answer = await response.Content.ReadAsByteArrayAsync(limit.Token).ConfigureAwait(false);
            return response.IsSuccessStatusCode ? Read(answer) : throw Failure(name, Refusal(response, answer));
        }
        catch (OperationCanceledException exception)
        {
            throw new TimeoutException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"Testpoint '{name}': {url} did not answer within {timeout.TotalSeconds:0.###} s"),
                exception);
        }
        catch (JsonException exception)
        {
            throw Failure(name, "its answer is not JSON: " + exception.Message, exception);
        }
    }

    public void Dispose() => _http.Dispose();

    private static JsonNode? Read(byte[] answer)
    {
        if (answer.Length == 0 || JsonNode.Parse(answer) is not JsonObject reply) return null;
        bool isHandled = reply["handled"]?.GetValueKind() != JsonValueKind.False;
        return isHandled ? reply["data"]?.DeepClone() : null;
    }

    private static string Refusal(HttpResponseMessage response, byte[] answer)
    {
        string text = Encoding.UTF8.GetString(answer, 0, Math.Min(answer.Length, LongestReason));
        return $"it answered {(int)response.StatusCode}{(text.Length > 0 ? ": " : "")}{text}";
    }

    private HttpRequestException Failure(string name, string reason, Exception? exception = null) =>
        new($"Testpoint '{name}': {url} cannot be used, {reason}", exception);

    [LoggerMessage(500, LogLevel.Information, "Running testpoint {testpoint} ({testpoint_id})")]
    private static partial void TestpointHit(ILogger logger, string testpoint, string testpoint_id);
}
