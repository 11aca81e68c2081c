using System.ComponentModel;
using Tideway.Components;
using Tideway.Configuration;

namespace Tideway.Server;

/// <summary>Describes <c>default-server-middleware-pipeline-builder</c>: what answers pass besides the
/// framework.</summary>
public sealed record MiddlewarePipelineConfig : ComponentConfig, IValidatableConfig
{
    internal const string TestsuiteExceptions = "testsuite-exceptions-handling-middleware";

    /// <summary>What is added to the pipeline.</summary>
    /// <remarks>Defaults to nothing; what tells tests of exceptions is all there is.</remarks>
    [Description("What is added to the pipeline: testsuite-exceptions-handling-middleware, which answers with the text "
        + "of an exception; only the config of tests may have it.")]
    public IReadOnlyList<string> Append { get; init; } = [];

    /// <inheritdoc/>
    public void Validate(ConfigValidation section)
    {
        ArgumentNullException.ThrowIfNull(section);
        if (Append.FirstOrDefault(name => name != TestsuiteExceptions) is { } unknown)
            section.Report($"no middleware '{unknown}', expected {TestsuiteExceptions}", "append");
    }
}
