using Tideway.Components;
using Tideway.Server;

namespace Tideway_Service;

/// <summary>What the service is made of, for its Main and for its tests.</summary>
public sealed class ChatService : IService
{
    public static ComponentList Components => ComponentList.MinimalServer().Append<ChatHandler>().Append<PingHandler>();
}
