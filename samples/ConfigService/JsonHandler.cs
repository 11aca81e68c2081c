using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using Tideway.Components;
using Tideway.Server;

namespace ConfigService;

/// <summary>The base of what answers JSON, errors included: <c>{"error": "..."}</c> with what else helps.</summary>
internal abstract partial class JsonHandler(HandlerConfig config, ComponentContext context)
    : HttpHandler(config, context)
{
    private readonly ILogger _logger = context.LoggerFactory.CreateLogger(context.ComponentName);

    /// <summary>Makes the answer.</summary>
    /// <exception cref="RequestRefusedException">There is none but an error.</exception>
    protected abstract Task<object?> AnswerAsync(HttpContext http);

    protected sealed override async Task HandleAsync(HttpContext http)
    {
        (int status, object? answer) = await TryAnswerAsync(http);
        http.Response.StatusCode = status;
        http.Response.Headers.CacheControl = "no-store";
        http.Response.Headers.XContentTypeOptions = "nosniff";
        await http.Response.WriteAsJsonAsync(answer, JsonFormat.Options, http.RequestAborted);
    }

    protected static async Task<T> ReadBodyAsync<T>(HttpRequest request) =>
        await JsonSerializer.DeserializeAsync<T>(request.Body, JsonFormat.Requests, request.HttpContext.RequestAborted)
        ?? throw new RequestRefusedException(400, "expected a JSON object, found null");

    private async Task<(int Status, object? Answer)> TryAnswerAsync(HttpContext http)
    {
        try
        {
            return (200, await AnswerAsync(http));
        }
        catch (RequestRefusedException refusal)
        {
            var error = (JsonObject)JsonSerializer.SerializeToNode(refusal.Details ?? new { }, JsonFormat.Options)!;
            error.Insert(0, "error", refusal.Message);
            return (refusal.Status, error);
        }
        catch (JsonException exception)
        {
            return (400, new { error = "the body cannot be read: " + exception.Message });
        }
        catch (BadHttpRequestException exception)
        {
            return (exception.StatusCode, new { error = exception.Message });
        }
        catch (SqliteException exception)
        {
            DatabaseFailed(_logger, exception);
            return (503, new { error = "the database cannot be used: " + exception.Message });
        }
    }

    [LoggerMessage(4, LogLevel.Error, "The database cannot be used")]
    private static partial void DatabaseFailed(ILogger logger, Exception exception);
}
