using Microsoft.AspNetCore.Http;
using Tideway.Components;
using Tideway.Server;
using Tideway.WebSockets.Connections;
using Tideway.WebSockets.Framing;

namespace WebSocketFunctional;

/// <summary>Answers each message with itself, says first where its peer comes from, and closes when it is asked
/// to.</summary>
internal sealed class EchoHandler(WebSocketHandlerConfig config, ComponentContext context)
    : WebSocketHandler(config, context), INamedComponent
{
    public static string ComponentName => "websocket-handler";

    protected override ValueTask<bool> OnHandshakeAsync(HttpContext http, RequestContext request)
    {
        request.State = http.Request.Headers.Origin.ToString();
        return new(true);
    }

    protected override Task OnPlainRequestAsync(HttpContext http)
    {
        http.Response.StatusCode = StatusCodes.Status400BadRequest;
        return http.Response.WriteAsync("Not a WebSocket request");
    }

    protected override async Task HandleAsync(WebSocketConnection connection, RequestContext request)
    {
        if (request.State is string { Length: > 0 } origin) await connection.SendTextAsync(origin);
        while (await connection.ReceiveAsync() is { IsClose: false } message)
        {
            if (message.Kind == MessageKind.Text && message.ToString() == "close")
            {
                await connection.CloseAsync(CloseCode.GoingAway);
                return;
            }

            await connection.SendAsync(message);
        }
    }
}
