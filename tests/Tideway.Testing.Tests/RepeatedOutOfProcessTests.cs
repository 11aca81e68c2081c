namespace Tideway.Testing.Tests;

/// <summary>With the service in another process.</summary>
public sealed class RepeatedOutOfProcessTests(RepeatedProcessFixture service)
    : RepeatedTests(service), IClassFixture<RepeatedProcessFixture>;
