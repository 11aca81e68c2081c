using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Tideway.Components;
using Tideway.Configuration;
using Tideway.Observability;

namespace Tideway.Server;

/// <summary>Describes a handler: the route it answers.
/// A handler with options of its own derives its record from this.</summary>
public record HandlerConfig : ComponentConfig, IValidatableConfig
{
    private static readonly string[] _knownMethods = ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"];

    /// <summary>The route: a path with arguments in braces, and <c>*</c> at its end for anything.</summary>
    [Description("The route: /users/{id} has an argument, /files/* takes anything behind it.")]
    public required string Path { get; init; }

    /// <summary>The methods, separated by commas; others get 405.</summary>
    /// <remarks>Defaults to GET.</remarks>
    [Description("The methods, separated by commas; others get 405.")]
    public string Method { get; init; } = "GET";

    /// <summary>The task processor whose event loops the handler runs on.</summary>
    /// <remarks>Defaults to null: that of the listener for a WebSocket handler. An HTTP handler runs on the thread
    /// pool, unless this names another task processor than the listener's.</remarks>
    [ConfigKey("task_processor")]
    [Description("The task processor whose event loops the handler runs on; that of the listener if it is left out. "
        + "HTTP handlers run on the thread pool unless they name another than the listener's; so do WebSocket handlers "
        + "over TLS, and all with 'transport: kestrel'.")]
    public string? TaskProcessor { get; init; }

    /// <summary>The largest request body, in bytes; a larger one gets 413.</summary>
    /// <remarks>Defaults to null: that of the listener's handler-defaults.</remarks>
    [ConfigKey("max_request_size"), Range(0, int.MaxValue)]
    [Description("The largest request body, in bytes; that of handler-defaults if it is left out.")]
    public int? MaxRequestSize { get; init; }

    /// <summary>What a slash at the end of a path means.</summary>
    /// <remarks>Defaults to <see cref="TrailingSlash.Both"/>.</remarks>
    [ConfigKey("url_trailing_slash")]
    [Description("Whether the route is reached with a slash at its end and without, or only as it is written.")]
    public TrailingSlash UrlTrailingSlash { get; init; } = TrailingSlash.Both;

    /// <summary>Whether the handler is served on <see cref="ServerConfig.ListenerMonitor"/>, and only there.</summary>
    /// <remarks>Defaults to false.</remarks>
    [Description("Serves the handler on server.listener-monitor, and only there.")]
    public bool MonitorHandler { get; init; }

    /// <summary>How many requests of each method are served at a time; one more gets 429.</summary>
    /// <remarks>Defaults to null: any number. A WebSocket counts until it is accepted.</remarks>
    [ConfigKey("max_requests_in_flight"), Range(1, int.MaxValue)]
    [Description(
        "How many requests of each method are served at a time; one more gets 429. "
        + "A WebSocket counts until it is accepted.")]
    public int? MaxRequestsInFlight { get; init; }

    /// <summary>How many requests are served in a second, and at once after a pause; one more gets 429.</summary>
    /// <remarks>Defaults to null: any number. Of a WebSocket it is the handshake that counts.</remarks>
    [ConfigKey("max_requests_per_second"), Range(1, int.MaxValue)]
    [Description(
        "How many requests are served in a second; one more gets 429. Of a WebSocket it is the handshake that counts.")]
    public int? MaxRequestsPerSecond { get; init; }

    /// <summary>Whether answers name this machine.</summary>
    /// <remarks>Defaults to null: as <see cref="ServerConfig.SetResponseServerHostname"/> says.</remarks>
    [Description("Names this machine in answers; that of the server if it is left out.")]
    public bool? SetResponseServerHostname { get; init; }

    /// <summary>Whether the handler may be refused when the service is overloaded.</summary>
    /// <remarks>Defaults to true.</remarks>
    [ConfigKey("throttling_enabled"), NoEffect("there is no congestion control")]
    [Description("Lets requests be refused when the service is overloaded.")]
    public bool ThrottlingEnabled { get; init; } = true;

    /// <summary>The largest request head, in bytes.</summary>
    /// <remarks>Defaults to null: that of the listener's handler-defaults.</remarks>
    [ConfigKey("max_headers_size"), Range(0, int.MaxValue)]
    [NoEffect("the head is read before its handler is known; that of handler-defaults is the limit")]
    [Description("The largest request head, in bytes.")]
    public int? MaxHeadersSize { get; init; }

    /// <summary>Whether arguments are read from form bodies.</summary>
    /// <remarks>Defaults to null: as the listener's handler-defaults say.</remarks>
    [ConfigKey("parse_args_from_body"), NoEffect("handlers read HttpContext.Request.Form")]
    [Description("Reads arguments from form bodies.")]
    public bool? ParseArgsFromBody { get; init; }

    /// <summary>Whether compressed bodies are decompressed before the handler reads them.</summary>
    /// <remarks>Defaults to null.</remarks>
    [ConfigKey("decompress_request"), NoEffect("bodies reach the handler as they come")]
    [Description("Decompresses bodies before the handler reads them.")]
    public bool? DecompressRequest { get; init; }

    /// <summary>Whether the answer is written piece by piece.</summary>
    /// <remarks>Defaults to null.</remarks>
    [NoEffect("every handler may write its answer piece by piece")]
    [Description("Writes the answer piece by piece.")]
    public bool? ResponseBodyStream { get; init; }

    /// <summary>Whether answers carry tracing headers.</summary>
    /// <remarks>Defaults to null: as the listener's handler-defaults say.</remarks>
    [ConfigKey("set_tracing_headers"), NoEffect("answers carry no tracing headers")]
    [Description("Adds tracing headers to answers.")]
    public bool? SetTracingHeaders { get; init; }

    /// <summary>Whether deadlines of callers are kept.</summary>
    /// <remarks>Defaults to null: as the listener's handler-defaults say.</remarks>
    [ConfigKey("deadline_propagation_enabled"), NoEffect("deadlines are not propagated")]
    [Description("Keeps the deadlines of callers.")]
    public bool? DeadlinePropagationEnabled { get; init; }

    /// <summary>The status of an answer whose deadline has passed.</summary>
    /// <remarks>Defaults to null: that of the listener's handler-defaults.</remarks>
    [ConfigKey("deadline_expired_status_code"), Range(400, 599), NoEffect("deadlines are not propagated")]
    [Description("The status of an answer whose deadline has passed.")]
    public int? DeadlineExpiredStatusCode { get; init; }

    /// <summary>How much of a request's body is logged, in bytes.</summary>
    /// <remarks>Defaults to null.</remarks>
    [ConfigKey("request_body_size_log_limit"), Range(0, int.MaxValue), NoEffect("bodies are not logged")]
    [Description("How much of a request's body is logged, in bytes.")]
    public int? RequestBodySizeLogLimit { get; init; }

    /// <summary>How much of a request's headers is logged, in bytes.</summary>
    /// <remarks>Defaults to null.</remarks>
    [ConfigKey("request_headers_size_log_limit"), Range(0, int.MaxValue), NoEffect("headers are not logged")]
    [Description("How much of a request's headers is logged, in bytes.")]
    public int? RequestHeadersSizeLogLimit { get; init; }

    /// <summary>How much of an answer's body is logged, in bytes.</summary>
    /// <remarks>Defaults to null.</remarks>
    [ConfigKey("response_data_size_log_limit"), Range(0, int.MaxValue), NoEffect("bodies are not logged")]
    [Description("How much of an answer's body is logged, in bytes.")]
    public int? ResponseDataSizeLogLimit { get; init; }

    /// <summary>The least severity of what is logged while the handler runs.</summary>
    /// <remarks>Defaults to null: that of the logger.</remarks>
    [NoEffect("records have the level of their logger")]
    [Description("The least severity of what is logged while the handler runs.")]
    public LoggerLevel? LogLevel { get; init; }

    /// <summary>The severity of the record of a request, by the status of its answer.</summary>
    /// <remarks>Defaults to an empty map.</remarks>
    [NoEffect("there are no records of requests but the access logs")]
    [Description("The severity of the record of a request, by the status of its answer.")]
    public IReadOnlyDictionary<string, LoggerLevel> StatusCodesLogLevel { get; init; } =
        new Dictionary<string, LoggerLevel>();

    /// <summary>The methods, one by one.</summary>
    internal IEnumerable<string> Methods => Method.Split(',', StringSplitOptions.TrimEntries);

    /// <inheritdoc/>
    public virtual void Validate(ConfigValidation section)
    {
        ArgumentNullException.ThrowIfNull(section);
        if (!Path.StartsWith('/')) section.Report($"'{Path}' does not begin with '/'", "path");
        foreach (string method in Methods.Except(_knownMethods))
            section.Report($"'{method}' is not a method, expected {string.Join(", ", _knownMethods)}", "method");
    }
}
