using Tideway.Components;
using Tideway.Server;
using Tideway.WebSockets.Connections;

namespace ProbeService;

/// <summary>Does not end with its connection, but at the next message to another one.</summary>
public sealed class StubbornHandler(WebSocketHandlerConfig config, ComponentContext context)
    : WebSocketHandler(config, context), INamedComponent
{
    private readonly SemaphoreSlim _held = new(0);

    public static string ComponentName => "stubborn-handler";

    protected override async Task HandleAsync(WebSocketConnection connection, RequestContext request)
    {
        ArgumentNullException.ThrowIfNull(connection);
        ArgumentNullException.ThrowIfNull(request);
        if (request.Query.Value == "?release")
        {
            _held.Release();
            return;
        }

        await connection.SendAsync(new Message(MessageKind.Text, "held"u8.ToArray()));
        while (true)
        {
            Message message = await connection.ReceiveAsync();
            if (message.IsClose) break;
        }

        await _held.WaitAsync();
    }
}
