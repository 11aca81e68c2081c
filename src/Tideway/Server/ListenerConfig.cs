using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Net;
using System.Text;
using Tideway.Configuration;

namespace Tideway.Server;

/// <summary>Describes a listener: an address, and the limits of what comes in there.</summary>
public sealed record ListenerConfig : IValidatableConfig
{
    private const int LongestSocketPath = 107; // The system's limit.

    /// <summary>The address to listen on.</summary>
    /// <remarks>Defaults to <c>::</c>: all addresses, IPv4 included.</remarks>
    [Description("The IP address to listen on; :: is all, IPv4 included.")]
    public string Address { get; init; } = "::";

    /// <summary>The TCP port; 0 has the system pick a free one.</summary>
    /// <remarks>Defaults to null: none, when there is a unix socket instead.</remarks>
    [Range(0, 65535)]
    [Description("The TCP port; 0 has the system pick a free one.")]
    public int? Port { get; init; }

    /// <summary>The path of a unix socket to listen on instead of a port.</summary>
    /// <remarks>Defaults to null: none.</remarks>
    [Description("The path of a unix socket, instead of a port.")]
    public string? UnixSocket { get; init; }

    /// <summary>How many connections may be open at once; more are closed as they come.</summary>
    /// <remarks>Defaults to 32768.</remarks>
    [ConfigKey("max_connections"), Range(1, int.MaxValue)]
    [Description("How many connections may be open at once; more are closed as they come.")]
    public int MaxConnections { get; init; } = 32768;

    /// <summary>The task processor on whose event loops the connections are, unless their handler names
    /// another.</summary>
    /// <remarks>Defaults to null: the default task processor.</remarks>
    [ConfigKey("task_processor")]
    [Description("The task processor whose event loops the connections are on; the default one if it is left out.")]
    public string? TaskProcessor { get; init; }

    /// <summary>What carries the connections.</summary>
    /// <remarks>Defaults to <see cref="ListenerTransport.Auto"/>. With TLS, WebSockets run over Kestrel's stream
    /// either way.
    /// </remarks>
    [Description(
        "What carries the connections: event loops, or Kestrel's own transport. auto is event loops, where the system "
        + "has them and there is no TLS.")]
    public ListenerTransport Transport { get; init; } = ListenerTransport.Auto;

    /// <summary>How many connections may wait to be accepted.</summary>
    /// <remarks>Defaults to 1024.</remarks>
    [Range(1, int.MaxValue)]
    [Description("How many connections may wait to be accepted.")]
    public int Backlog { get; init; } = 1024;

    /// <summary>How many acceptors share the socket.</summary>
    /// <remarks>Defaults to null.</remarks>
    [Range(1, 1024), NoEffect("one acceptor feeds all event loops")]
    [Description("How many acceptors share the socket.")]
    public int? Shards { get; init; }

    /// <summary>The certificate; the listener speaks TLS when there is one.</summary>
    /// <remarks>Defaults to none.</remarks>
    [Description("The certificate; the listener speaks TLS when there is one.")]
    public TlsConfig Tls { get; init; } = new();

    /// <summary>What handlers are given unless they say otherwise.</summary>
    [Description("What handlers are given unless they say otherwise.")]
    public HandlerDefaultsConfig HandlerDefaults { get; init; } = new();

    /// <summary>The options of each HTTP connection.</summary>
    [Description("The options of each HTTP connection.")]
    public ConnectionConfig Connection { get; init; } = new();

    /// <inheritdoc/>
    public void Validate(ConfigValidation section)
    {
        ArgumentNullException.ThrowIfNull(section);
        if (Port is null && UnixSocket is null)
            section.Report("expected either 'port' or 'unix-socket', found neither");
        if (Port is not null && UnixSocket is not null)
            section.Report("expected either 'port' or 'unix-socket', found both");
        if (UnixSocket is { } path
            && (!Path.IsPathRooted(path) || Encoding.UTF8.GetByteCount(path) > LongestSocketPath))
        {
            section.Report(
                $"expected an absolute path of at most {LongestSocketPath} bytes, found '{path}'", "unix-socket");
        }

        if (!IPAddress.TryParse(Address, out _)) section.Report($"'{Address}' is not an IP address", "address");
    }
}
