using Tideway.Testing.Tests.Lifetime;

namespace Tideway.Testing.Tests.Hosting;

/// <summary>Runs tests whose services are all processes, by an environment variable.</summary>
public sealed class SwitchedRun : BrokenRun
{
    protected override string Classes => "*.SwitchedTests";

    protected override string AsProcess => "1";
}
