using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Tideway.AspNetCore.Upgrade;
using Tideway.Components;
using Tideway.Configuration;
using Tideway.WebSockets.Connections;

namespace Tideway.Server;

/// <summary>Describes a WebSocket handler: its route, and the limits of its connections.</summary>
public record WebSocketHandlerConfig : HandlerConfig
{
    /// <summary>The largest message taken from a peer, in bytes, all fragments together;
    /// a larger one closes with 1009.</summary>
    /// <remarks>Defaults to 65536.</remarks>
    [Range(0, int.MaxValue)]
    [Description("The largest message taken from a peer, in bytes; a larger one closes with 1009.")]
    public int MaxRemotePayload { get; init; } = 65536;

    /// <summary>The largest payload of a frame sent, in bytes; 0 never fragments.</summary>
    /// <remarks>Defaults to 65536.</remarks>
    [Range(0, int.MaxValue)]
    [Description("The largest payload of a frame sent, in bytes; 0 never fragments.")]
    public int FragmentSize { get; init; } = 65536;

    /// <summary>How many bytes may wait for a peer that reads slowly before sends wait.</summary>
    /// <remarks>Defaults to 262144.</remarks>
    [Range(1, int.MaxValue)]
    [Description("How many bytes may wait for a slow peer before sends wait.")]
    public int SendBacklogLimit { get; init; } = 262144;

    /// <summary>What a send does when so many bytes wait already.</summary>
    /// <remarks>Defaults to <see cref="SlowConsumerPolicy.Wait"/>.</remarks>
    [Description("What a send does when so many bytes wait already: wait, drop the message, or close with 1008.")]
    public SlowConsumerPolicy SendBacklogPolicy { get; init; } = SlowConsumerPolicy.Wait;

    /// <summary>After how long a silence of the peer a ping is sent; 0 for never.</summary>
    /// <remarks>Defaults to 60 seconds.</remarks>
    [Description("After how long a silence of the peer a ping is sent; 0 for never.")]
    public TimeSpan PingInterval { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long after a ping anything has to come in, before the connection is cut; 0 for no limit.</summary>
    /// <remarks>Defaults to 30 seconds.</remarks>
    [Description("How long after a ping anything has to come in, before the connection is cut; 0 for no limit.")]
    public TimeSpan PingTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a peer may take to send one message; 0 for no limit.</summary>
    /// <remarks>Defaults to 60 seconds.</remarks>
    [Description(
        "How long a peer may take to send one message, from its first byte to its last; a longer one closes with 1008, "
        + "within twice that time. 0 for no limit.")]
    public TimeSpan MessageTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How many pings, and pongs that answer none, are taken within a second; 0 for any number.</summary>
    /// <remarks>Defaults to 1000.</remarks>
    [Range(0, int.MaxValue)]
    [Description(
        "How many pings, and pongs that answer none, are taken within a second; more close with 1008. 0 for any "
        + "number.")]
    public int MaxControlFramesPerSecond { get; init; } = 1000;

    /// <summary>How many messages are taken from each peer within a second; 0 for any number.</summary>
    /// <remarks>Defaults to 0.</remarks>
    [Range(0, int.MaxValue)]
    [Description(
        "How many messages are taken from each peer within a second; more wait, and TCP slows the peer down. 0 for any "
        + "number.")]
    public int MaxMessagesPerSecond { get; init; }

    /// <summary>How many connections may be open at a time; 0 for any number.</summary>
    /// <remarks>Defaults to 0: <see cref="ListenerConfig.MaxConnections"/> bounds those of all handlers.</remarks>
    [Range(0, int.MaxValue)]
    [Description(
        "How many connections of the handler may be open at a time; the handshake of one more gets 503. 0 for any "
        + "number.")]
    public int MaxConnections { get; init; }

    /// <summary>How long no message may go either way before the connection is closed with 1001; 0 for no
    /// limit.</summary>
    /// <remarks>Defaults to 0.</remarks>
    [Description("How long no message may go either way before the connection is closed with 1001; 0 for no limit.")]
    public TimeSpan IdleTimeout { get; init; }

    /// <summary>How long a connection may live before it is closed with 1001; 0 for no limit.</summary>
    /// <remarks>Defaults to 0.</remarks>
    [Description(
        "How long a connection may live before it is closed with 1001, so that load can move; 0 for no limit.")]
    public TimeSpan MaxConnectionAge { get; init; }

    /// <summary>How long a peer may take to answer a close frame.</summary>
    /// <remarks>Defaults to 5 seconds.</remarks>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    [Description("How long a peer may take to answer a close frame.")]
    public TimeSpan CloseTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The origins whose pages may connect; others get 403.</summary>
    /// <remarks>Defaults to an empty list: pages of any origin.</remarks>
    [Description("The origins whose pages may connect, such as https://example.org; empty for all.")]
    public IReadOnlyList<string> AllowedOrigins { get; init; } = [];

    /// <summary>The subprotocols that the handler speaks, the preferred one first.</summary>
    /// <remarks>Defaults to an empty list: none.</remarks>
    [Description("The subprotocols that the handler speaks, the preferred one first. The first that the client offers, "
        + "too, is agreed on.")]
    public IReadOnlyList<string> Subprotocols { get; init; } = [];

    /// <summary>Whether a client that offers none of <see cref="Subprotocols"/> gets 400.</summary>
    /// <remarks>Defaults to false: it is connected without one.</remarks>
    [Description("Refuses a client that offers none of the subprotocols with 400; else it is connected without one.")]
    public bool RequireSubprotocol { get; init; }

    /// <summary>Whether messages are compressed, where the peer does it, too.</summary>
    /// <remarks>Defaults to <see cref="MessageCompression.Off"/>.</remarks>
    [Description(
        "Whether messages are compressed: off; shared, each by itself and without memory for idle connections; or "
        + "dedicated, with reference to earlier ones, for up to 340 KiB a connection.")]
    public MessageCompression Compression { get; init; }

    /// <summary>How hard the compression tries: from 1, the fastest, to 9, the smallest.</summary>
    /// <remarks>Defaults to 3.</remarks>
    [Range(1, 9)]
    [Description("How hard the compression tries: from 1, the fastest, to 9, the smallest.")]
    public int CompressionLevel { get; init; } = 3;

    /// <summary>The smallest message to compress, in bytes.</summary>
    /// <remarks>Defaults to 256.</remarks>
    [Range(1, int.MaxValue)]
    [Description("The smallest message to compress, in bytes.")]
    public int CompressionMinSize { get; init; } = 256;

    /// <summary>How far back compressed messages may refer, as a power of two.</summary>
    /// <remarks>Defaults to 15, for 32 KiB.</remarks>
    [Range(9, 15)]
    [Description("How far back compressed messages may refer, as a power of two: 9 for 512 bytes to 15 for 32 KiB.")]
    public int CompressionWindowBits { get; init; } = 15;

    /// <inheritdoc/>
    public override void Validate(ConfigValidation section)
    {
        ArgumentNullException.ThrowIfNull(section);
        base.Validate(section);
        if (WebSocketHandshake.FindSubprotocolFlaw(Subprotocols, RequireSubprotocol) is { } flaw)
            section.Report(flaw, Subprotocols.Count > 0 ? "subprotocols" : "require-subprotocol");
    }

    /// <summary>Puts limits in the place of those that they name.</summary>
    internal WebSocketHandlerConfig With(HandlerLimitsConfig limits) => this with
    {
        MaxRemotePayload = limits.MaxRemotePayload ?? MaxRemotePayload,
        FragmentSize = limits.FragmentSize ?? FragmentSize,
        SendBacklogLimit = limits.SendBacklogLimit ?? SendBacklogLimit,
        SendBacklogPolicy = limits.SendBacklogPolicy ?? SendBacklogPolicy,
        MaxControlFramesPerSecond = limits.MaxControlFramesPerSecond ?? MaxControlFramesPerSecond,
        MaxMessagesPerSecond = limits.MaxMessagesPerSecond ?? MaxMessagesPerSecond,
        MaxConnections = limits.MaxConnections ?? MaxConnections,
        PingInterval = limits.PingInterval ?? PingInterval,
        PingTimeout = limits.PingTimeout ?? PingTimeout,
        MessageTimeout = limits.MessageTimeout ?? MessageTimeout,
        IdleTimeout = limits.IdleTimeout ?? IdleTimeout,
        MaxConnectionAge = limits.MaxConnectionAge ?? MaxConnectionAge,
        CloseTimeout = limits.CloseTimeout ?? CloseTimeout,
    };

    internal WebSocketConnectionOptions ToOptions(ComponentContext context) => new()
    {
        MaxRemotePayload = MaxRemotePayload,
        FragmentSize = FragmentSize,
        SendBacklogLimit = SendBacklogLimit,
        CloseTimeout = CloseTimeout,
        SlowConsumerPolicy = SendBacklogPolicy,
        PingInterval = PingInterval,
        PingTimeout = PingTimeout,
        MessageTimeout = MessageTimeout,
        MaxControlFramesPerSecond = MaxControlFramesPerSecond,
        MaxMessagesPerSecond = MaxMessagesPerSecond,
        IdleTimeout = IdleTimeout,
        MaxConnectionAge = MaxConnectionAge,
        Compression = new()
        {
            Mode = Compression,
            Level = CompressionLevel,
            MinSize = CompressionMinSize,
            WindowBits = CompressionWindowBits,
        },
        Name = context.ComponentName,
        TimeProvider = context.TimeProvider,
    };
}
