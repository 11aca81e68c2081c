namespace Tideway.Testing.Tests;

/// <summary>In the process of the tests.</summary>
public sealed class RepeatedInProcessTests(RepeatedFixture service)
    : RepeatedTests(service), IClassFixture<RepeatedFixture>;
