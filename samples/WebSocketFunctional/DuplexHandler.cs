using System.Threading.Channels;
using Tideway.Components;
using Tideway.Server;
using Tideway.WebSockets.Connections;

namespace WebSocketFunctional;

/// <summary>Reads in one task and writes in another, with a queue between them; all answers are binary.</summary>
internal sealed class DuplexHandler(WebSocketHandlerConfig config, ComponentContext context)
    : WebSocketHandler(config, context), INamedComponent
{
    public static string ComponentName => "websocket-duplex-handler";

    protected override Task HandleAsync(WebSocketConnection connection, RequestContext request)
    {
        var queue = Channel.CreateBounded<byte[]>(100); // When it is full the reader waits, and so does the peer.
        return Task.WhenAll(ReadAsync(connection, queue.Writer), WriteAsync(connection, queue.Reader));
    }

    private static async Task ReadAsync(WebSocketConnection connection, ChannelWriter<byte[]> queue)
    {
        try
        {
            while (await connection.ReceiveAsync() is { IsClose: false } message)
                await queue.WriteAsync(message.Data.ToArray(), connection.Closing);
        }
        finally
        {
            queue.Complete();
        }
    }

    private static async Task WriteAsync(WebSocketConnection connection, ChannelReader<byte[]> queue)
    {
        await foreach (byte[] message in queue.ReadAllAsync(connection.Closing))
            await connection.SendBinaryAsync(message);
    }
}
