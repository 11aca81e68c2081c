using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;
using Tideway.Configuration;

namespace Tideway.DynamicConfig;

/// <summary>Asks a config service for values.</summary>
/// <remarks>Safe for any thread. Never throws but for cancellation.</remarks>
internal sealed class ConfigServiceClient : IDisposable
{
    private const int LongestAnswer = 16 * 1024 * 1024;
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(100);

    private readonly DynamicConfigClientConfig _config;
    private readonly TimeProvider _timeProvider;
    private readonly string? _stage;
    private readonly HttpClient _http = NewClient(useProxy: true);
    private readonly HttpClient? _direct;

    /// <summary>Prepares the client; asks nothing yet.</summary>
    /// <exception cref="IOException">The file of the stage cannot be read.</exception>
    public ConfigServiceClient(DynamicConfigClientConfig config, TimeProvider timeProvider)
    {
        _config = config;
        _timeProvider = timeProvider;
        _stage = config.ConfigsStageFilepath is { Length: > 0 } file ? StageOf(file) : config.ConfigsStage;
        Url = new Uri(config.AppendPathToUrl ? config.ConfigUrl.TrimEnd('/') + "/configs/values" : config.ConfigUrl);
        if (config.FallbackToNoProxy && HttpClient.DefaultProxy.GetProxy(Url) is not null)
            _direct = NewClient(useProxy: false);
    }

    /// <summary>Where it asks.</summary>
    public Uri Url { get; }

    /// <summary>What reports call the service: its host and port, without what may be secret.</summary>
    public string Origin => Url.Authority;

    /// <summary>Asks for values.</summary>
    /// <param name="names">Which; empty for all.</param>
    /// <param name="updatedSince">Only for those that changed since then; null for all.</param>
    /// <param name="cancellationToken">Calls it off.</param>
    /// <returns>The answer; or what is wrong, after the last try.</returns>
    public async Task<(ConfigsReply? Reply, string Failure)> AskAsync(
        IEnumerable<string> names, string? updatedSince, CancellationToken cancellationToken)
    {
        byte[] request = JsonSerializer.SerializeToUtf8Bytes<JsonNode>(RequestFor(names, updatedSince));
        for (int tries = 1; ; tries++)
        {
            (ConfigsReply? reply, string failure, bool isLasting) = await TryAsync(_http, request, cancellationToken);
            if (reply is null && _direct is not null)
                (reply, failure, isLasting) = await TryAsync(_direct, request, cancellationToken);
            if (reply is not null || isLasting || tries >= _config.HttpRetries) return (reply, failure);
            await Task.Delay(_pause * tries * (0.5 + Random.Shared.NextDouble()), _timeProvider, cancellationToken);
        }
    }

    public void Dispose()
    {
        _http.Dispose();
        _direct?.Dispose();
    }

    private JsonObject RequestFor(IEnumerable<string> names, string? updatedSince)
    {
        JsonNode?[] ids = [.. names.Select(name => JsonValue.Create(name))];
        var request = new JsonObject();
        if (ids.Length > 0) request["ids"] = new JsonArray(ids);
        if (updatedSince is not null) request["updated_since"] = updatedSince;
        if (!string.IsNullOrEmpty(_stage)) request["stage_name"] = _stage;
        if (_config.GetConfigsOverridesForService) request["service"] = _config.ServiceName;
        return request;
    }

    private async Task<(ConfigsReply? Reply, string Failure, bool IsLasting)> TryAsync(
        HttpClient http, byte[] request, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(_config.HttpTimeout, _timeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        using var body = new ByteArrayContent(request);
        body.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        try
        {
            using HttpResponseMessage response = await http.PostAsync(Url, body, either.Token);
            if (!response.IsSuccessStatusCode)
            {
                int status = (int)response.StatusCode;
                bool isLasting = status < 500
                    && response.StatusCode is not HttpStatusCode.TooManyRequests and not HttpStatusCode.RequestTimeout;
                return (null, string.Create(CultureInfo.InvariantCulture, $"it answered {status}"), isLasting);
            }

            return (ConfigsReply.Parse(await response.Content.ReadAsByteArrayAsync(either.Token), Origin), "", false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return (null, $"no answer within {_config.HttpTimeout.TotalSeconds:0.###} s", false);
        }
        catch (JsonException exception)
        {
            return (null, "its answer cannot be used, " + ConfigJson.Reason(exception), true);
        }
        catch (InvalidDataException exception)
        {
            return (null, "its answer cannot be used, " + exception.Message, true);
        }
        catch (HttpRequestException exception) when (
            exception.HttpRequestError == HttpRequestError.ConfigurationLimitExceeded)
        {
            return (null, $"its answer is larger than {LongestAnswer} bytes", true);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            // That something went wrong with the request is known; what it was is inside.
            return (null, (exception.InnerException as IOException ?? exception).Message, false);
        }
    }

    private static string StageOf(string file)
    {
        string reason;
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(file));
            if (document.RootElement.ValueKind == JsonValueKind.Object
                && document.RootElement.TryGetProperty("env_name", out JsonElement name)
                && name.ValueKind == JsonValueKind.String)
            {
                return name.GetString()!;
            }

            reason = "it has no string 'env_name'";
        }
        catch (Exception exception) when (exception is JsonException or IOException or UnauthorizedAccessException)
        {
            reason = exception.Message;
        }

        throw new IOException($"configs-stage-filepath: '{file}' does not tell the stage: {reason}");
    }

    private static HttpClient NewClient(bool useProxy) => new(new SocketsHttpHandler
    {
        UseProxy = useProxy,
        AllowAutoRedirect = false,

        // Follows the name of the service to another address.
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
    })
    {
        Timeout = Timeout.InfiniteTimeSpan,
        MaxResponseContentBufferSize = LongestAnswer,
    };
}
