namespace Tideway.Testing.Tests.Lifetime;

/// <summary>A test whose service dies, and the one behind it.</summary>
public sealed class BrokenProcessTests(ProbeProcessFixture service) : IClassFixture<ProbeProcessFixture>
{
    [Fact(Explicit = true)]
    public async Task Kills_its_service() => await Assert.ThrowsAsync<HttpRequestException>(
        () => service.ServiceClient.GetAsync("/probe?what=death"));
}
