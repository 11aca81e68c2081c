// snippet: main
using LiveChatService;
using Tideway.Components;
using Tideway.DynamicConfig;
using Tideway.Server;

return await Daemon.RunAsync(args, ComponentList.MinimalServer()
    .Append<DynamicConfigClientComponent>()
    .Append<DynamicConfigClientUpdaterComponent>()
    .Append<ChatHandler>()
    .Append<PageHandler>());
// end
