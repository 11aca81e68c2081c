using Tideway.Components;
using Tideway.Server;
using Tideway.WebSockets.Connections;
using Tideway.WebSockets.Framing;

namespace WebSocketFunctional;

/// <summary>Pings its peer by itself, and closes with 1001 when too many pings got no answer.</summary>
/// <remarks>A service needs none of this: <c>ping-interval</c> and <c>ping-timeout</c> do it.</remarks>
internal sealed class PingPongHandler(WebSocketHandlerConfig config, ComponentContext context)
    : WebSocketHandler(config, context), INamedComponent
{
    private const int MaxUnansweredPings = 3;
    private static readonly TimeSpan _interval = TimeSpan.FromMilliseconds(200);
    private readonly TimeProvider _clock = context.TimeProvider;

    public static string ComponentName => "websocket-ping-pong-handler";

    protected override async Task HandleAsync(WebSocketConnection connection, RequestContext request)
    {
        Task pinging = PingAsync(connection);
        while (await connection.ReceiveAsync() is { IsClose: false })
        {
            // Only pongs are wanted, which the connection counts by itself.
        }

        await pinging;
    }

    private async Task PingAsync(WebSocketConnection connection)
    {
        using var timer = new PeriodicTimer(_interval, _clock);
        while (connection.UnansweredPings <= MaxUnansweredPings)
        {
            await connection.SendPingAsync();
            await timer.WaitForNextTickAsync(connection.Closing);
        }

        await connection.CloseAsync(CloseCode.GoingAway, "too many pings without an answer");
    }
}
