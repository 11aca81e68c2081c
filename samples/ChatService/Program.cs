// snippet: main
using Microsoft.AspNetCore.Http;
using Tideway.Components;
using Tideway.Server;
using Tideway.WebSockets.Connections;

return await Daemon.RunAsync<ChatService>(args);

public sealed class ChatService : IService // what the tests start, too
{
    public static ComponentList Components => ComponentList.MinimalServer().Append<ChatHandler>().Append<PageHandler>();
}
// end

// snippet: component
internal sealed class ChatHandler(WebSocketHandlerConfig config, ComponentContext context)
    : WebSocketHandler(config, context), INamedComponent
{
    public static string ComponentName => "websocket-handler"; // its section in the static config

    protected override async Task HandleAsync(WebSocketConnection chat, RequestContext request)
    {
        while (true)
        {
            Message message = await chat.ReceiveAsync(); // throws when the connection is lost
            if (message.IsClose) break; // the closing handshake is completed for us
            await chat.SendAsync(message);
        }
    }
}
// end

// snippet: page
internal sealed class PageHandler(HandlerConfig config, ComponentContext context)
    : HttpHandler(config, context), INamedComponent
{
    public static string ComponentName => "page-handler";

    protected override async Task HandleAsync(HttpContext http)
    {
        http.Response.ContentType = "text/html; charset=utf-8";
        await http.Response.SendFileAsync(Path.Combine(AppContext.BaseDirectory, "index.html"));
    }
}
// end
