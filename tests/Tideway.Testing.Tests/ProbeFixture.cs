using ProbeService;
using Tideway.Testing.Hosting;

namespace Tideway.Testing.Tests;

/// <summary>The probe service, which asks the mock server.</summary>
public class ProbeFixture : ServiceFixture<Probe>
{
    protected override void Configure(ServiceSetup setup)
    {
        setup.Environment["UPSTREAM_URL"] = setup.MockServer.Url.ToString().TrimEnd('/');
        setup.Component("server")["shutdown-timeout"] = "2s"; // some handlers do not end
    }
}
