using Tideway.Components;
using Tideway.Observability;
using Tideway.Server;

namespace Tideway.Testing.Tests.Hosting;

/// <summary>A service without anything for its tests, in an assembly that is no program of its own.</summary>
public sealed class BareService : IService
{
    public static ComponentList Components => new ComponentList()
        .Append<LoggingComponent>()
        .Append<TaskProcessors>()
        .Append<ServerComponent>()
        .Append<PingHandler>();
}
