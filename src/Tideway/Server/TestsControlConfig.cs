using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Tideway.Configuration;

namespace Tideway.Server;

/// <summary>Describes <c>tests-control</c>: what functional tests steer a service with.</summary>
public sealed record TestsControlConfig : HandlerConfig
{
    /// <summary>Makes a config whose method is POST.</summary>
    public TestsControlConfig() => Method = "POST";

    /// <summary>Where a test listens for testpoints.</summary>
    /// <remarks>Defaults to null: there are none.</remarks>
    [Description("Where a test listens for testpoints; without it there are none.")]
    public string? TestpointUrl { get; init; }

    /// <summary>How long a test may take to answer a testpoint, in real time.</summary>
    /// <remarks>Defaults to 1 second.</remarks>
    [Range(typeof(TimeSpan), "00:00:00.001", "01:00:00")]
    [Description("How long a test may take to answer a testpoint.")]
    public TimeSpan TestpointTimeout { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Whether testpoints that the test does not handle are passed over.</summary>
    /// <remarks>Defaults to false: the test is told of all.</remarks>
    [Description("Passes over testpoints that the test has not registered; otherwise it is told of all.")]
    public bool SkipUnregisteredTestpoints { get; init; }

    /// <inheritdoc/>
    public override void Validate(ConfigValidation section)
    {
        ArgumentNullException.ThrowIfNull(section);
        base.Validate(section);
        bool isUrl = Uri.TryCreate(TestpointUrl, UriKind.Absolute, out Uri? url) && url.Scheme is "http" or "https";
        if (TestpointUrl is not null && !isUrl)
            section.Report($"'{TestpointUrl}' is no address, expected http://host/path", "testpoint-url");
    }
}
