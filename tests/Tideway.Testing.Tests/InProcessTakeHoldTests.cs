namespace Tideway.Testing.Tests;

/// <summary>A test takes hold of a service in its own process.</summary>
public sealed class InProcessTakeHoldTests(ProbeFixture service) : TakeHoldTests(service), IClassFixture<ProbeFixture>;
