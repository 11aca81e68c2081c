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

    /// <summary>The name that answers carry in their <c>Server</c> header; empty for none.</summary>
    /// <remarks>Defaults to <c>Tideway</c>.</remarks>
    [Description("The Server header of answers; empty for none.")]
    public string ServerName { get; init; } = "Tideway";

    /// <summary>How long connections may take to end when the service stops.</summary>
    /// <remarks>Defaults to 10 seconds.</remarks>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    [Description("How long connections may take to end when the service stops; then they are cut.")]
    public TimeSpan ShutdownTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <inheritdoc/>
    public void Validate(ConfigValidation section)
    {
        ArgumentNullException.ThrowIfNull(section);
        if (ServerName.Any(c => c is < ' ' or > '~'))
            section.Report($"found '{ServerName}', expected printable ASCII characters", "server-name");
    }
}
