using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Tideway.Configuration;

namespace Tideway.Server;

/// <summary>Describes the limits of requests on a listener.</summary>
public sealed record HandlerDefaultsConfig
{
    /// <summary>The longest request line, in bytes; a longer one gets 414.</summary>
    /// <remarks>Defaults to 8192.</remarks>
    [ConfigKey("max_url_size"), Range(16, 1 << 20)]
    [Description("The longest request line, in bytes; a longer one gets 414.")]
    public int MaxUrlSize { get; init; } = 8192;

    /// <summary>The largest request body, in bytes; a larger one gets 413.</summary>
    /// <remarks>Defaults to 1048576.</remarks>
    [ConfigKey("max_request_size"), Range(0, int.MaxValue)]
    [Description("The largest request body, in bytes; a larger one gets 413.")]
    public int MaxRequestSize { get; init; } = 1 << 20;

    /// <summary>The largest request head, in bytes; a larger one gets 431.</summary>
    /// <remarks>Defaults to 65536.</remarks>
    [ConfigKey("max_headers_size"), Range(64, 1 << 24)]
    [Description("The largest request head, in bytes; a larger one gets 431.")]
    public int MaxHeadersSize { get; init; } = 1 << 16;

    /// <summary>Whether arguments are read from form bodies.</summary>
    /// <remarks>Defaults to false.</remarks>
    [ConfigKey("parse_args_from_body"), NoEffect("handlers read HttpContext.Request.Form")]
    [Description("Reads arguments from form bodies.")]
    public bool ParseArgsFromBody { get; init; }

    /// <summary>Whether answers carry tracing headers.</summary>
    /// <remarks>Defaults to true.</remarks>
    [ConfigKey("set_tracing_headers"), NoEffect("answers carry no tracing headers")]
    [Description("Adds tracing headers to answers.")]
    public bool SetTracingHeaders { get; init; } = true;

    /// <summary>Whether deadlines of callers are kept.</summary>
    /// <remarks>Defaults to true.</remarks>
    [ConfigKey("deadline_propagation_enabled"), NoEffect("deadlines are not propagated")]
    [Description("Keeps the deadlines of callers.")]
    public bool DeadlinePropagationEnabled { get; init; } = true;

    /// <summary>The status of an answer whose deadline has passed.</summary>
    /// <remarks>Defaults to 498.</remarks>
    [ConfigKey("deadline_expired_status_code"), Range(400, 599), NoEffect("deadlines are not propagated")]
    [Description("The status of an answer whose deadline has passed.")]
    public int DeadlineExpiredStatusCode { get; init; } = 498;
}
