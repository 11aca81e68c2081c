using Tideway.Testing.Hosting;

namespace Tideway.Testing.Tests;

/// <summary>The same, as a process.</summary>
public sealed class ProbeProcessFixture : ProbeFixture
{
    protected override void Configure(ServiceSetup setup)
    {
        base.Configure(setup);
        setup.RunsAsProcess = true;
        setup.Environment["GREETING"] = "good day";
    }
}
