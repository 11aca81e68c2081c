using Tideway.Components;
using Tideway.Server;

namespace WebSocketFunctional;

/// <summary>A handler for each way to use a connection.</summary>
public sealed class FunctionalService : IService
{
    /// <inheritdoc/>
    public static ComponentList Components => ComponentList.MinimalServer()
        .Append<EchoHandler>()
        .Append<DuplexHandler>()
        .Append<TryReceiveHandler>()
        .Append<PingPongHandler>();
}
