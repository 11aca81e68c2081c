using Microsoft.Extensions.Logging;
using Tideway.Components;
using Tideway.DynamicConfig;
using Tideway.Server;
using Tideway.Testsuite;
using Tideway.WebSockets.Connections;
using Tideway.WebSockets.Framing;

namespace ProbeService;

/// <summary>Echoes, up to a length that may change while it runs.</summary>
public sealed partial class ChatHandler(
    WebSocketHandlerConfig config,
    ComponentContext context,
    DynamicConfigComponent dynamicConfig,
    Testpoints testpoints) : WebSocketHandler(config, context), INamedComponent
{
    /// <summary>The length.</summary>
    public static readonly DynamicConfigKey<int> LongestMessage =
        new("PROBE_LONGEST_MESSAGE", 1000, "The longest message, in bytes.") { Range = (1, 100_000) };

    private readonly ILogger _logger = context.LoggerFactory.CreateLogger(context.ComponentName);

    public static string ComponentName => "chat-handler";

    protected override async Task HandleAsync(WebSocketConnection connection, RequestContext request)
    {
        ArgumentNullException.ThrowIfNull(connection);
        while (true)
        {
            Message message = await connection.ReceiveAsync();
            if (message.IsClose) return;
            string text = message.ToString();
            Received(_logger, text.Length, connection.RemoteEndPoint?.ToString());
            await testpoints.HitAsync("message-received", new { text });
            if (text.Length > dynamicConfig.Source.Get(LongestMessage))
            {
                await connection.CloseAsync(CloseCode.PolicyViolation, "too long for now");
                return;
            }

            await connection.SendAsync(message);
        }
    }

    [LoggerMessage(1, LogLevel.Debug, "Received a message of {Length} characters from {Remote}")]
    private static partial void Received(ILogger logger, int length, string? remote);
}
