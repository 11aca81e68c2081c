using System.Net;
using Tideway.Testing.Hosting;

namespace Tideway.Testing.Tests.Hosting;

/// <summary>What a service does not have is missed by name, and the rest works.</summary>
public sealed class BareServiceTests(BareServiceTests.Fixture service) : IClassFixture<BareServiceTests.Fixture>
{
    [Fact]
    public async Task It_can_be_asked()
    {
        using HttpResponseMessage answer = await service.ServiceClient.GetAsync("/ping");
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Fact]
    public async Task It_cannot_be_controlled()
    {
        InvalidOperationException missed =
            await Assert.ThrowsAsync<InvalidOperationException>(() => service.Clock.FreezeAsync());
        Assert.Contains("no component 'tests-control'", missed.Message, StringComparison.Ordinal);
        missed = await Assert.ThrowsAsync<InvalidOperationException>(() => service.MonitorClient.ReadAsync());
        Assert.Contains("no component 'handler-server-monitor'", missed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_cannot_run_as_a_process()
    {
        InvalidOperationException failure = await Assert.ThrowsAsync<InvalidOperationException>(
            () => ServiceProcess.StartAsync(
                typeof(ServiceFixture).Assembly, "config.yaml", new Dictionary<string, string>()));
        Assert.Contains("'Tideway.Testing' cannot run as a process", failure.Message, StringComparison.Ordinal);
    }

    public sealed class Fixture : ServiceFixture<BareService>
    {
        protected override string ConfigPath
        {
            get
            {
                string path = Path.Combine(AppContext.BaseDirectory, "bare.yaml");
                File.WriteAllText(
                    path,
                    "components_manager: { components: { server: { listener: { port: 1 } }, "
                    + "handler-ping: { path: /ping } } }");
                return path;
            }
        }

        protected override void Configure(ServiceSetup setup) => setup.RunsAsProcess = false;
    }
}
