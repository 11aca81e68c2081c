using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using Tideway.DynamicConfig;
using Tideway.Observability;

namespace Tideway.Server;

/// <summary>Writes a line for each request, when it is answered: a WebSocket's goes out when it is accepted.</summary>
/// <remarks>Safe from any thread. What the server refuses before it knows a route (400, 414,
/// 431) has no line.</remarks>
internal sealed class AccessLog(
    NamedLogger? plain, NamedLogger? tskv, DynamicConfigSource dynamicConfig, TimeProvider timeProvider)
{
    /// <summary>Whether requests have lines.</summary>
    public static readonly DynamicConfigKey<bool> LogRequest = new(
        "USERVER_LOG_REQUEST", true, "Writes the lines of requests to the access logs of the server.");

    /// <summary>Whether the lines have headers.</summary>
    public static readonly DynamicConfigKey<bool> LogHeaders = new(
        "USERVER_LOG_REQUEST_HEADERS",
        false,
        "Adds `request_headers` and `response_headers`, JSON, to the lines of `logger_access_tskv`.");

    /// <summary>The headers whose values may be seen.</summary>
    public static readonly DynamicConfigKey<IReadOnlyList<string>> ShownHeaders = new(
        "USERVER_LOG_REQUEST_HEADERS_WHITELIST",
        [],
        "The headers whose values are logged by `USERVER_LOG_REQUEST_HEADERS`; those of others are `***`.");

    private const string Category = "access";
    private const int ClientClosedRequest = 499;

    /// <summary>Makes the access log of a server; null when it has none.</summary>
    /// <exception cref="InvalidOperationException">There is no logger of a name.</exception>
    public static AccessLog? Open(
        ServerConfig config, ILoggerFactory loggers, DynamicConfigSource dynamicConfig, TimeProvider timeProvider)
    {
        NamedLogger? plain = Find(config.LoggerAccess, "logger_access", loggers);
        NamedLogger? tskv = Find(config.LoggerAccessTskv, "logger_access_tskv", loggers);
        return plain is null && tskv is null ? null : new AccessLog(plain, tskv, dynamicConfig, timeProvider);
    }

    /// <summary>Serves a request, and writes its line.</summary>
    public async Task ServeAsync(HttpContext http, RequestDelegate next)
    {
        long began = timeProvider.GetTimestamp();
        bool upgraded = false;
        var body = new CountingBody(http.Features.GetRequiredFeature<IHttpResponseBodyFeature>());
        http.Features.Set<IHttpResponseBodyFeature>(body);
        Upgraded.Register(http.Response, () =>
        {
            upgraded = true;
            WriteLines(http.Response.StatusCode);
        });
        int status = StatusCodes.Status500InternalServerError;
        try
        {
            await next(http);
            status = http.Response.StatusCode;
        }
        catch (BadHttpRequestException exception)
        {
            status = exception.StatusCode;
            throw;
        }
        finally
        {
            bool left = http.RequestAborted.IsCancellationRequested && !http.Response.HasStarted;
            if (!upgraded) WriteLines(left ? ClientClosedRequest : status);
        }

        void WriteLines(int status) => Write(new AccessRecord(
            http.Request, status, body.Length, timeProvider.GetLocalNow(), timeProvider.GetElapsedTime(began)));
    }

    private static NamedLogger? Find(string? name, string option, ILoggerFactory loggers)
    {
        if (string.IsNullOrEmpty(name)) return null;
        if (loggers is LoggerRegistry registry && registry.TryFind(name, out NamedLogger? logger)) return logger;
        throw new InvalidOperationException($"{option}: there is no logger '{name}' in logging.loggers");
    }

    private void Write(AccessRecord record)
    {
        DynamicConfigSnapshot now = dynamicConfig.Current;
        if (!now.Get(LogRequest)) return;
        if (plain?.IsEnabled(LogLevel.Information) == true)
            plain.WriteLine(Category, LogLineWriter.Encode(record.ToPlainText()));
        if (tskv?.IsEnabled(LogLevel.Information) == true)
            tskv.WriteLine(Category, record.ToTskv(now.Get(LogHeaders) ? now.Get(ShownHeaders) : null));
    }
}
