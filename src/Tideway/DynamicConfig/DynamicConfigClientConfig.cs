using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Tideway.Components;
using Tideway.Configuration;

namespace Tideway.DynamicConfig;

/// <summary>Describes the <c>dynamic-config-client</c> section: the config service, and who asks it.</summary>
public sealed record DynamicConfigClientConfig : ComponentConfig, IValidatableConfig
{
    /// <summary>Where the config service is.</summary>
    [Description("Where the config service is: http://config.example.org, say.")]
    public required string ConfigUrl { get; init; }

    /// <summary>Whether <c>/configs/values</c> is appended to the URL.</summary>
    /// <remarks>Defaults to true.</remarks>
    [Description("Appends /configs/values to the URL.")]
    public bool AppendPathToUrl { get; init; } = true;

    /// <summary>The name of this service.</summary>
    [Length(1, int.MaxValue)]
    [Description("The name of this service, of which it may have values of its own.")]
    public required string ServiceName { get; init; }

    /// <summary>Whether values that are this service's own are asked for.</summary>
    /// <remarks>Defaults to true.</remarks>
    [Description("Asks for the values that are this service's own, where there are such.")]
    public bool GetConfigsOverridesForService { get; init; } = true;

    /// <summary>How long an answer may take.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "01:00:00")]
    [Description("How long an answer may take.")]
    public required TimeSpan HttpTimeout { get; init; }

    /// <summary>How often a request is tried.</summary>
    [Range(1, 100)]
    [Description("How often a request is tried, before its update counts as failed.")]
    public required int HttpRetries { get; init; }

    /// <summary>The stage of the service.</summary>
    /// <remarks>Defaults to null: none.</remarks>
    [Description("The stage whose values are asked for, such as testing.")]
    public string? ConfigsStage { get; init; }

    /// <summary>A JSON file whose <c>env_name</c> is the stage.</summary>
    /// <remarks>Defaults to null: none.</remarks>
    [Description("A JSON file whose env_name is the stage; it comes before configs-stage.")]
    public string? ConfigsStageFilepath { get; init; }

    /// <summary>Whether a request that fails through a proxy is repeated without it.</summary>
    /// <remarks>Defaults to true.</remarks>
    [Description("Repeats a request that failed without the proxy that HTTP_PROXY names.")]
    public bool FallbackToNoProxy { get; init; } = true;

    /// <inheritdoc/>
    public void Validate(ConfigValidation section)
    {
        ArgumentNullException.ThrowIfNull(section);
        bool isUrl = Uri.TryCreate(ConfigUrl, UriKind.Absolute, out Uri? url) && url.Scheme is "http" or "https";
        if (!isUrl) section.Report($"'{ConfigUrl}' is no address, expected http://host or https://host", "config-url");
        bool hasStage = !string.IsNullOrEmpty(ConfigsStage) || !string.IsNullOrEmpty(ConfigsStageFilepath);
        if (hasStage && GetConfigsOverridesForService)
        {
            section.Report(
                "a stage is given, so there can be no values of a service's own, expected false",
                "get-configs-overrides-for-service");
        }
    }
}
