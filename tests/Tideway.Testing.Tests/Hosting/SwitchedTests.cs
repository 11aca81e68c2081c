using ProbeService;

namespace Tideway.Testing.Tests.Hosting;

/// <summary>Runs where an environment variable has all services be processes.</summary>
public sealed class SwitchedTests(ServiceFixture<Probe> service) : IClassFixture<ServiceFixture<Probe>>
{
    [Fact(Explicit = true)]
    public async Task Has_its_service_in_another_process() => Assert.NotEqual(
        Environment.ProcessId.ToString(), await service.ServiceClient.GetStringAsync("/probe?what=process"));
}
