using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using Tideway.Components;
using Tideway.Server;
using Tideway.Testing.Hosting;

namespace Tideway.Testing;

/// <summary>The real service, started for the tests of a class:
/// <c>IClassFixture&lt;ServiceFixture&lt;TService&gt;&gt;</c>.
/// </summary>
/// <remarks>
/// It starts from the <c>static_config.yaml</c> beside the assembly of the service, on free ports. Derive from it to
/// change the config (<see cref="Configure"/>). After each test it is as it was before: testpoints, clock, dynamic
/// config, mocks.
/// </remarks>
/// <typeparam name="TService">The service.</typeparam>
public class ServiceFixture<TService> : ServiceFixture where TService : IService
{
    private readonly Action<ServiceSetup>? _configure;

    /// <summary>Makes a fixture; nothing runs yet.</summary>
    public ServiceFixture()
    {
    }

    private ServiceFixture(Action<ServiceSetup>? configure) => _configure = configure;

    /// <summary>The static config of the service.</summary>
    /// <remarks>Defaults to <c>static_config.yaml</c> in the folder of the service's assembly.</remarks>
    protected virtual string ConfigPath =>
        Path.Combine(Path.GetDirectoryName(Assembly.Location)!, "static_config.yaml");

    private protected sealed override ComponentList Components => TService.Components;

    private protected sealed override Assembly Assembly => typeof(TService).Assembly;

    private protected sealed override string Config => ConfigPath;

    /// <summary>Starts a service of the test's own, which it disposes of.</summary>
    /// <param name="configure">Changes its config; null to change nothing.</param>
    [SuppressMessage("Design", "CA1000", Justification = "The type argument is what is started.")]
    public static async Task<ServiceFixture<TService>> StartAsync(Action<ServiceSetup>? configure = null)
    {
        var fixture = new ServiceFixture<TService>(configure);
        await fixture.InitializeAsync();
        return fixture;
    }

    /// <inheritdoc/>
    protected override void Configure(ServiceSetup setup) => _configure?.Invoke(setup);
}
