using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Tideway.Configuration;

namespace Tideway.Server;

/// <summary>Describes each HTTP connection of a listener.</summary>
public sealed record ConnectionConfig
{
    /// <summary>The size of the receive buffer, in bytes.</summary>
    /// <remarks>Defaults to 32768.</remarks>
    [ConfigKey("in_buffer_size"), Range(1, int.MaxValue), NoEffect("buffers are pooled and sized by the transport")]
    [Description("The size of the receive buffer, in bytes.")]
    public int InBufferSize { get; init; } = 32768;

    /// <summary>How many requests of a connection may wait.</summary>
    /// <remarks>Defaults to 100.</remarks>
    [ConfigKey("requests_queue_size_threshold"), Range(1, int.MaxValue)]
    [NoEffect("requests of a connection run one by one")]
    [Description("How many requests of a connection may wait.")]
    public int RequestsQueueSizeThreshold { get; init; } = 100;

    /// <summary>How long a connection may be idle between two requests.</summary>
    /// <remarks>Defaults to 10 minutes. A WebSocket is not bound by it.</remarks>
    [ConfigKey("keepalive_timeout"), Range(typeof(TimeSpan), "00:00:01", "365.00:00:00")]
    [Description("How long a connection may be idle between two requests.")]
    public TimeSpan KeepaliveTimeout { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How long a peer may take to send its first byte, and then each request head.</summary>
    /// <remarks>Defaults to 30 seconds. A WebSocket handshake is such a request.</remarks>
    [Description("How long a peer may take to send its first byte, and then each request head.")]
    public TimeSpan HandshakeTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long after a request began the connection is watched for its end.</summary>
    /// <remarks>Defaults to 20 milliseconds.</remarks>
    [ConfigKey("stream_close_check_delay"), NoEffect("the transport notices a lost client at once")]
    [Description("How long after a request began the connection is watched for its end.")]
    public TimeSpan StreamCloseCheckDelay { get; init; } = TimeSpan.FromMilliseconds(20);

    /// <summary>Which HTTP is spoken.</summary>
    /// <remarks>Defaults to <see cref="ListenerHttpVersion.Http11"/>.</remarks>
    [Description(
        "Which HTTP is spoken. 2 is, with TLS, HTTP/2 and 1.1 as each client chooses; without, HTTP/2 only, from "
        + "clients that know it beforehand.")]
    public ListenerHttpVersion HttpVersion { get; init; } = ListenerHttpVersion.Http11;

    /// <summary>The limits of each HTTP/2 connection.</summary>
    [ConfigKey("http2-session")]
    [Description("The limits of each HTTP/2 connection.")]
    public Http2SessionConfig Http2Session { get; init; } = new();
}
