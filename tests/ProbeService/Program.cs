using ProbeService;
using Tideway.Server;

return await Daemon.RunAsync<Probe>(args);
