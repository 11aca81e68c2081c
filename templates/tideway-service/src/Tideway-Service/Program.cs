using Tideway_Service;
using Tideway.Server;

return await Daemon.RunAsync<ChatService>(args);
