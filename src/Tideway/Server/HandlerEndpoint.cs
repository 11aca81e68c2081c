using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using Tideway.AspNetCore.Upgrade;

namespace Tideway.Server;

/// <summary>One handler behind its limits, and the border that its exceptions do not pass.</summary>
internal sealed partial class HandlerEndpoint(Handler handler, RequestPipeline pipeline)
{
    private readonly HandlerConfig _config = handler.Route;
    private readonly RequestLimits _limits =
        handler.RequestLimits = new RequestLimits(handler.Route, pipeline.TimeProvider);

    public async Task ServeAsync(HttpContext http)
    {
        if (_config.SetResponseServerHostname is { } hostname) pipeline.SetHeaders(http.Response, hostname);
        if (!_limits.TryTake())
        {
            Refuse(http.Response, "global-ratelimit");
            return;
        }

        // A WebSocket over HTTP/2 comes as a CONNECT.
        string method = http.Request.Method;
        InFlightLimit? limit = _limits.InFlight(HttpMethods.IsConnect(method) ? HttpMethods.Get : method);
        if (limit is null)
        {
            await RunAsync(http);
            return;
        }

        using InFlightLimit.Place? place = limit.Enter();
        if (place is null)
        {
            Refuse(http.Response, "max-requests-in-flight");
            return;
        }

        // A WebSocket is in flight until its handshake is done.
        Upgraded.Register(http.Response, place.Dispose);
        await RunAsync(http);
    }

    private static void Refuse(HttpResponse response, string reason)
    {
        response.StatusCode = StatusCodes.Status429TooManyRequests;
        response.Headers[ResponseHeaders.RatelimitedBy] = Environment.MachineName;
        response.Headers[ResponseHeaders.RatelimitReason] = reason;
    }

    private async Task RunAsync(HttpContext http)
    {
        if (_config.MaxRequestSize is { } size
            && http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } body)
        {
            body.MaxRequestBodySize = size;
        }

        string id = WebSocketUpgrade.IdOf(http);
        handler.Running[id] = true;
        try
        {
            await handler.ServeAsync(http);
        }
        catch (Exception exception) when (exception is not BadHttpRequestException && !http.Response.HasStarted)
        {
            HandlerFailed(pipeline.Logger, handler.HandlerName, http.Request.Method, http.Request.Path, exception);
            http.Response.Clear();
            http.Response.StatusCode = StatusCodes.Status500InternalServerError;
            pipeline.SetHeaders(http.Response, _config.SetResponseServerHostname);
            if (pipeline.TellsExceptions) await TellAsync(http.Response, exception);
        }
        finally
        {
            handler.Running.TryRemove(id, out _);
        }
    }

    private static Task TellAsync(HttpResponse response, Exception exception)
    {
        response.ContentType = "application/json";
        var body = new JsonObject
        {
            ["code"] = "500",
            ["message"] = "Internal Server Error",
            ["details"] = exception.Message,
        };
        return response.WriteAsync(body.ToJsonString());
    }

    [LoggerMessage(201, LogLevel.Error, "Handler '{Handler}' failed to answer {Method} {Path}")]
    private static partial void HandlerFailed(
        ILogger logger, string handler, string method, string path, Exception exception);
}
