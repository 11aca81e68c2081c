using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Tideway.Configuration;

namespace Tideway.Server;

/// <summary>Describes the limits of an HTTP/2 connection.</summary>
public sealed record Http2SessionConfig
{
    /// <summary>How long a connection may be silent before it is pinged, and then until anything comes in.</summary>
    private static readonly TimeSpan _pingDelay = TimeSpan.FromSeconds(60), _pingTimeout = TimeSpan.FromSeconds(30);

    /// <summary>How many streams a client may have open on a connection: requests and WebSockets.</summary>
    /// <remarks>Defaults to 100.</remarks>
    [ConfigKey("max_concurrent_streams"), Range(1, 1 << 15)]
    [Description("How many streams a client may have open on a connection: requests and WebSockets.")]
    public int MaxConcurrentStreams { get; init; } = 100;

    /// <summary>The largest frame taken, in bytes.</summary>
    /// <remarks>Defaults to 16384.</remarks>
    [ConfigKey("max_frame_size"), Range(1 << 14, (1 << 24) - 1)]
    [Description("The largest frame taken, in bytes.")]
    public int MaxFrameSize { get; init; } = 1 << 14;

    /// <summary>How many bytes of a stream may come in before its handler takes them.</summary>
    /// <remarks>Defaults to 65536. A connection may so wait with as much for each of its streams.</remarks>
    [ConfigKey("initial_window_size"), Range((1 << 16) - 1, 1 << 24)]
    [Description("How many bytes of a stream may come in before its handler takes them.")]
    public int InitialWindowSize { get; init; } = 1 << 16;

    internal void Apply(KestrelServerLimits limits)
    {
        limits.Http2.MaxStreamsPerConnection = MaxConcurrentStreams;
        limits.Http2.MaxFrameSize = MaxFrameSize;
        limits.Http2.InitialStreamWindowSize = InitialWindowSize;
        limits.Http2.MaxRequestHeaderFieldSize = limits.MaxRequestHeadersTotalSize;

        // Streams that nobody reads must not use up the window that their siblings need.
        limits.Http2.InitialConnectionWindowSize =
            (int)Math.Min((long)MaxConcurrentStreams * InitialWindowSize, int.MaxValue);

        // This limit measures whole connections: one stream that is read too slowly would cut all of them. Pings find
        // out who is gone.
        limits.MinResponseDataRate = null;
        limits.Http2.KeepAlivePingDelay = _pingDelay;
        limits.Http2.KeepAlivePingTimeout = _pingTimeout;
    }
}
