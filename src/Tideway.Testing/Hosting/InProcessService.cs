using Tideway.Components;
using Tideway.Configuration;
using Tideway.Server;

namespace Tideway.Testing.Hosting;

/// <summary>A service in the process of its tests.</summary>
internal sealed class InProcessService : RunningService
{
    private readonly ServiceHost _host;

    private InProcessService(ServiceHost host) => _host = host;

    public override string? Address => _host.Addresses.FirstOrDefault();

    public override string? MonitorAddress => _host.MonitorAddresses.FirstOrDefault();

    public override string? Death => null;

    public override Task<string?> WaitForDeathAsync(TimeSpan time) => Task.FromResult<string?>(null);

    /// <summary>Starts it.</summary>
    public static async Task<InProcessService> StartAsync(
        ComponentList components, string config, IDictionary<string, string> environment)
    {
        var host = ServiceHost.Load(components, config, new ConfigLoadOptions
        {
            EnvironmentVariable = name =>
                environment.TryGetValue(name, out string? value) ? value : Environment.GetEnvironmentVariable(name),
        });
        try
        {
            await host.StartAsync();
            return new InProcessService(host);
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }
    }

    public override async Task<int> StopAsync()
    {
        await _host.DisposeAsync();
        return 0;
    }

    public override async ValueTask DisposeAsync() => await _host.DisposeAsync();
}
