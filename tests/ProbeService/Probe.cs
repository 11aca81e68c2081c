using Tideway.Components;
using Tideway.Server;

namespace ProbeService;

/// <summary>A service that has one of everything that a functional test takes hold of.</summary>
public sealed class Probe : IService
{
    public static ComponentList Components =>
        ComponentList.MinimalServer().Append<ChatHandler>().Append<StubbornHandler>().Append<ProbeHandler>();
}
