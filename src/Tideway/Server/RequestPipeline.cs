using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Tideway.Server;

/// <summary>What every request passes, whichever route it takes.</summary>
/// <param name="config">The server.</param>
/// <param name="accessLog">Where requests are written down; null for nowhere.</param>
/// <param name="timeProvider">The clock of the limits.</param>
/// <param name="logger">Where failures are reported.</param>
internal sealed class RequestPipeline(
    ServerConfig config, AccessLog? accessLog, TimeProvider timeProvider, ILogger logger)
{
    public TimeProvider TimeProvider => timeProvider;

    public ILogger Logger => logger;

    /// <summary>Whether answers to requests whose handler failed tell why.</summary>
    public bool TellsExceptions => config.TellsExceptions;

    /// <summary>Wraps what answers requests.</summary>
    public RequestDelegate Apply(RequestDelegate next) => http =>
    {
        SetHeaders(http.Response, config.SetResponseServerHostname);
        return accessLog is null ? next(http) : accessLog.ServeAsync(http, next);
    };

    /// <summary>Sets the headers that every answer has.</summary>
    /// <param name="response">The answer.</param>
    /// <param name="hostname">Whether the name of this machine is among them; null as the server says.</param>
    public void SetHeaders(HttpResponse response, bool? hostname)
    {
        if (config.ServerName.Length > 0) response.Headers.Server = config.ServerName;
        if (hostname ?? config.SetResponseServerHostname)
            response.Headers[ResponseHeaders.Hostname] = Environment.MachineName;
        else response.Headers.Remove(ResponseHeaders.Hostname);
    }
}
