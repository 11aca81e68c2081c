using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Tideway.Components;
using Tideway.Configuration;

namespace Tideway.Server;

/// <summary>Describes the <c>server</c> component: where it listens.</summary>
public sealed record ServerConfig : ComponentConfig, IValidatableConfig
{
    /// <summary>The address on which the service is reached.</summary>
    [Description("Where the service is reached.")]
    public required ListenerConfig Listener { get; init; }

    /// <summary>The address on which handlers with <see cref="HandlerConfig.MonitorHandler"/> are reached,
    /// and no others.</summary>
    /// <remarks>Defaults to null: nowhere.</remarks>
    [Description("Where handlers with monitor-handler: true are reached, and no others.")]
    public ListenerConfig? ListenerMonitor { get; init; }

    /// <summary>The logger that takes a line of text for each request, a WebSocket's when it is accepted.</summary>
    /// <remarks>Defaults to null, which is none, as an empty name is. Cookies and bodies are not written.</remarks>
    [ConfigKey("logger_access")]
    [Description(
        "The logger that takes a line for each request; one of format raw takes it as it is. Cookies are left out.")]
    public string? LoggerAccess { get; init; }

    /// <summary>The logger that takes a line of key=value pairs for each request,
    /// a WebSocket's when it is accepted.</summary>
    /// <remarks>Defaults to null, which is none, as an empty name is. Cookies and bodies are not written.</remarks>
    [ConfigKey("logger_access_tskv")]
    [Description("The logger that takes a line of key=value pairs for each request. Cookies and bodies are left out.")]
    public string? LoggerAccessTskv { get; init; }

    /// <summary>How many bytes of answers may wait for their clients.</summary>
    /// <remarks>Defaults to null: any.</remarks>
    [ConfigKey("max_response_size_in_flight"), Range(1L, long.MaxValue)]
    [NoEffect("an answer is written as its handler makes it, and waits for its client by itself")]
    [Description("How many bytes of answers may wait for their clients.")]
    public long? MaxResponseSizeInFlight { get; init; }

    /// <summary>The name that answers carry in their <c>Server</c> header; empty for none.</summary>
    /// <remarks>Defaults to <c>Tideway</c>.</remarks>
    [Description("The Server header of answers; empty for none.")]
    public string ServerName { get; init; } = "Tideway";

    /// <summary>Whether answers name this machine, in <c>X-YaTaxi-Server-Hostname</c>.</summary>
    /// <remarks>Defaults to false.</remarks>
    [Description("Names this machine in answers, as X-YaTaxi-Server-Hostname.")]
    public bool SetResponseServerHostname { get; init; }

    /// <summary>How long connections may take to end when the service stops;
    /// what is left is named in the log, and cut.</summary>
    /// <remarks>Defaults to 10 seconds. The components behind the server have another 20 seconds to stop.</remarks>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    [Description(
        "How long connections may take to end when the service stops; what is left is named in the log, and cut. "
        + "The components behind the server have another 20 seconds.")]
    public TimeSpan ShutdownTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Whether answers to requests whose handler failed tell why; no option of this section.</summary>
    internal bool TellsExceptions { get; init; }

    /// <inheritdoc/>
    public void Validate(ConfigValidation section)
    {
        ArgumentNullException.ThrowIfNull(section);
        if (ServerName.Any(c => c is < ' ' or > '~'))
            section.Report($"found '{ServerName}', expected printable ASCII characters", "server-name");
    }
}
