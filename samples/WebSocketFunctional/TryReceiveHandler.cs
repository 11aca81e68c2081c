using Tideway.Components;
using Tideway.Server;
using Tideway.WebSockets.Connections;

namespace WebSocketFunctional;

/// <summary>Takes all messages that are here before it waits for the next.</summary>
internal sealed class TryReceiveHandler(WebSocketHandlerConfig config, ComponentContext context)
    : WebSocketHandler(config, context), INamedComponent
{
    public static string ComponentName => "websocket-handler-alt";

    protected override async Task HandleAsync(WebSocketConnection connection, RequestContext request)
    {
        while (true)
        {
            if (!connection.TryReceive(out Message message)) message = await connection.ReceiveAsync();
            if (message.IsClose) return;
            await connection.SendAsync(message);
        }
    }
}
