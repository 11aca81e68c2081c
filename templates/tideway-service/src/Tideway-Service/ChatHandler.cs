using Tideway.Components;
using Tideway.DynamicConfig;
using Tideway.Server;
using Tideway.WebSockets.Connections;

namespace Tideway_Service;

/// <summary>Greets its peer and says everything back.</summary>
internal sealed class ChatHandler(
    WebSocketHandlerConfig config, ComponentContext context, DynamicConfigComponent dynamicConfig)
    : WebSocketHandler(config, context), INamedComponent
{
    private static readonly DynamicConfigKey<string> Greeting =
        new("CHAT_GREETING", "Welcome!", "What a client is greeted with.");

    public static string ComponentName => "chat-handler"; // its section in static_config.yaml

    protected override async Task HandleAsync(WebSocketConnection chat, RequestContext request)
    {
        await chat.SendTextAsync(dynamicConfig.Source.Get(Greeting));
        while (await chat.ReceiveAsync() is { IsClose: false } message) await chat.SendAsync(message);
    }
}
