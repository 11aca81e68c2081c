using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Tideway.Configuration;
using Tideway.WebSockets.Connections;

namespace Tideway.Server;

/// <summary>Describes limits of a handler in place of those of its section in the static config.</summary>
/// <remarks>What is left out stays as the section has it. The limits of messages and time count for open connections,
/// too; a message or a send that is under way ends as it began.</remarks>
public sealed record HandlerLimitsConfig
{
    /// <summary>The largest message taken from a peer, in bytes.</summary>
    [Range(0, int.MaxValue)]
    [Description("The largest message taken from a peer, in bytes; a larger one closes with 1009.")]
    public int? MaxRemotePayload { get; init; }

    /// <summary>The largest payload of a frame sent, in bytes; 0 never fragments.</summary>
    [Range(0, int.MaxValue)]
    [Description("The largest payload of a frame sent, in bytes; 0 never fragments.")]
    public int? FragmentSize { get; init; }

    /// <summary>How many bytes may wait for a peer that reads slowly.</summary>
    [Range(1, int.MaxValue)]
    [Description("How many bytes may wait for a slow peer before sends wait.")]
    public int? SendBacklogLimit { get; init; }

    /// <summary>What a send does when so many bytes wait already.</summary>
    [Description("What a send does when so many bytes wait already: wait, drop the message, or close with 1008.")]
    public SlowConsumerPolicy? SendBacklogPolicy { get; init; }

    /// <summary>How many pings, and pongs that answer none, are taken within a second; 0 for any number.</summary>
    [Range(0, int.MaxValue)]
    [Description("How many pings, and pongs that answer none, are taken within a second; 0 for any number.")]
    public int? MaxControlFramesPerSecond { get; init; }

    /// <summary>How many messages are taken from each peer within a second; 0 for any number.</summary>
    [Range(0, int.MaxValue)]
    [Description(
        "How many messages are taken from each peer within a second; more wait, and TCP slows the peer down. 0 for any "
        + "number.")]
    public int? MaxMessagesPerSecond { get; init; }

    /// <summary>How many connections may be open at a time; 0 for any number. Those that are open stay.</summary>
    [Range(0, int.MaxValue)]
    [Description(
        "How many connections may be open at a time; the handshake of one more gets 503. 0 for any number. Those that "
        + "are open stay.")]
    public int? MaxConnections { get; init; }

    /// <summary>After how long a silence of the peer a ping is sent; 0 for never.</summary>
    [Description("After how long a silence of the peer a ping is sent; 0 for never.")]
    public TimeSpan? PingInterval { get; init; }

    /// <summary>How long after a ping anything has to come in; 0 for no limit.</summary>
    [Description("How long after a ping anything has to come in, before the connection is cut; 0 for no limit.")]
    public TimeSpan? PingTimeout { get; init; }

    /// <summary>How long a message may take from its first byte to its last; 0 for no limit.</summary>
    [Description("How long a message may take from its first byte to its last; 0 for no limit.")]
    public TimeSpan? MessageTimeout { get; init; }

    /// <summary>How long no message may go either way; 0 for no limit.</summary>
    [Description("How long no message may go either way before the connection is closed with 1001; 0 for no limit.")]
    public TimeSpan? IdleTimeout { get; init; }

    /// <summary>How long a connection may live; 0 for no limit.</summary>
    [Description("How long a connection may live before it is closed with 1001; 0 for no limit.")]
    public TimeSpan? MaxConnectionAge { get; init; }

    /// <summary>How long a peer may take to answer a close frame.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    [Description("How long a peer may take to answer a close frame.")]
    public TimeSpan? CloseTimeout { get; init; }

    /// <summary>How many requests of each method are served at a time.</summary>
    [ConfigKey("max_requests_in_flight"), Range(1, int.MaxValue)]
    [Description("How many requests of each method are served at a time, handshakes included; one more gets 429.")]
    public int? MaxRequestsInFlight { get; init; }

    /// <summary>How many requests are served in a second.</summary>
    [ConfigKey("max_requests_per_second"), Range(1, int.MaxValue)]
    [Description("How many requests are served in a second, handshakes included; one more gets 429.")]
    public int? MaxRequestsPerSecond { get; init; }
}
