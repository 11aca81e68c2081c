namespace Tideway.Testing.Tests.Lifetime;

/// <summary>The other one.</summary>
public sealed class BrokenOtherParallelTests
{
    [Fact(Explicit = true)]
    public Task Shares_a_service() => SharedFixture.UseAsync();
}
