using Tideway.Testing.Hosting;

namespace Tideway.Testing.Tests;

/// <summary>The same, with the service as a process.</summary>
public sealed class RepeatedProcessFixture : RepeatedFixture
{
    protected override void Configure(ServiceSetup setup) => setup.RunsAsProcess = true;
}
