using System.Buffers;
using System.Net.WebSockets;

// The echo on stock ASP.NET Core, as its documentation writes it: AspNetCore PORT [--tls] [shared | dedicated]
// --tls takes the certificate that Kestrel__Certificates__Default__Path and __KeyPath of the environment name; the
// last argument compresses messages: each by itself, or with reference to earlier ones.
WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
builder.Logging.SetMinimumLevel(LogLevel.Warning);
builder.WebHost.UseKestrelHttpsConfiguration();
builder.WebHost.UseUrls($"{(args.Contains("--tls") ? "https" : "http")}://127.0.0.1:{args[0]}");
WebApplication app = builder.Build();
app.UseWebSockets();
app.MapGet("/ping", () => Results.Ok());
app.MapGet("/chat", async (HttpContext context) =>
{
    if (!context.WebSockets.IsWebSocketRequest)
    {
        context.Response.StatusCode = StatusCodes.Status400BadRequest;
        return;
    }

    var accept = new WebSocketAcceptContext
    {
        DangerousEnableCompression = args.Length > 1,
        DisableServerContextTakeover = args.Contains("shared"),
    };
    using WebSocket socket = await context.WebSockets.AcceptWebSocketAsync(accept);
    try
    {
        await EchoAsync(socket);
    }
    catch (WebSocketException)
    {
        // The client went without a close frame.
    }
});
app.Lifetime.ApplicationStarted.Register(() => Console.WriteLine($"listening on {args[0]}"));
await app.RunAsync();

// Each connection owns the 4 KiB buffer of the documentation's example; a message that does not fit is put together in
// a pooled one, so that it goes back as it came: in one frame.
static async Task EchoAsync(WebSocket socket)
{
    byte[] own = new byte[4096];
    while (true)
    {
        ValueWebSocketReceiveResult result = await socket.ReceiveAsync(own.AsMemory(), CancellationToken.None);
        if (result.MessageType == WebSocketMessageType.Close) break;
        Memory<byte> received = own.AsMemory(0, result.Count);
        if (result.EndOfMessage) await socket.SendAsync(received, result.MessageType, true, CancellationToken.None);
        else await EchoLargeAsync(socket, received);
    }

    WebSocketCloseStatus status = socket.CloseStatus ?? WebSocketCloseStatus.NormalClosure;
    await socket.CloseAsync(status, socket.CloseStatusDescription, CancellationToken.None);
}

static async Task EchoLargeAsync(WebSocket socket, ReadOnlyMemory<byte> beginning)
{
    byte[] buffer = ArrayPool<byte>.Shared.Rent(beginning.Length * 4);
    beginning.CopyTo(buffer);
    int length = beginning.Length;
    ValueWebSocketReceiveResult result;
    do
    {
        if (length == buffer.Length)
        {
            byte[] larger = ArrayPool<byte>.Shared.Rent(length * 2);
            buffer.CopyTo(larger, 0);
            ArrayPool<byte>.Shared.Return(buffer);
            buffer = larger;
        }

        result = await socket.ReceiveAsync(buffer.AsMemory(length), CancellationToken.None);
        length += result.Count;
    }
    while (!result.EndOfMessage);

    await socket.SendAsync(buffer.AsMemory(0, length), result.MessageType, true, CancellationToken.None);
    ArrayPool<byte>.Shared.Return(buffer);
}
