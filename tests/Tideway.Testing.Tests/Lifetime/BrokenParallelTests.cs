namespace Tideway.Testing.Tests.Lifetime;

/// <summary>One of two classes that share a service and run at once.</summary>
public sealed class BrokenParallelTests
{
    [Fact(Explicit = true)]
    public Task Shares_a_service() => SharedFixture.UseAsync();
}
