using Tideway.Components;

namespace Tideway.Server;

/// <summary>Takes the section <c>default-server-middleware-pipeline-builder</c>, by which functional tests have the
/// text of exceptions in answers.</summary>
/// <param name="config">What is added to the pipeline.</param>
public sealed class MiddlewarePipelineComponent(MiddlewarePipelineConfig config) : INamedComponent
{
    /// <inheritdoc/>
    public static string ComponentName => "default-server-middleware-pipeline-builder";

    /// <summary>Whether answers to requests whose handler failed tell why.</summary>
    internal bool TellsExceptions => config.Append.Contains(MiddlewarePipelineConfig.TestsuiteExceptions);
}
