using Tideway.Server;
using WebSocketFunctional;

return await Daemon.RunAsync<FunctionalService>(args);
