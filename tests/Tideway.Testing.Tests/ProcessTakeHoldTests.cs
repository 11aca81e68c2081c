namespace Tideway.Testing.Tests;

/// <summary>A test takes hold of a service in another process.</summary>
public sealed class ProcessTakeHoldTests(ProbeProcessFixture service)
    : TakeHoldTests(service), IClassFixture<ProbeProcessFixture>;
