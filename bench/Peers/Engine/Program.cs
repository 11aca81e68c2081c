using Tideway.AspNetCore.Endpoints;
using Tideway.AspNetCore.Transport;
using Tideway.WebSockets.Connections;

// The echo on Tideway's engine alone, in an ASP.NET Core application:
// Engine PORT [--inline | --stock] [--tls] [shared | dedicated]
// --inline runs HTTP requests on the loops, --stock leaves the whole application on Kestrel's own transport; --tls
// takes
// the certificate that Kestrel__Certificates__Default__Path and __KeyPath of the environment name; shared and dedicated
// compress messages.
WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
builder.Logging.SetMinimumLevel(LogLevel.Warning);
builder.WebHost.UseKestrelHttpsConfiguration();
builder.WebHost.UseUrls($"{(args.Contains("--tls") ? "https" : "http")}://127.0.0.1:{args[0]}");
if (!args.Contains("--stock"))
    builder.WebHost.UseTidewayTransport(transport => transport.RunsRequestsOnLoops = args.Contains("--inline"));
WebApplication app = builder.Build();
app.MapGet("/ping", () => Results.Ok());
MessageCompression compression = args.Contains("shared") ? MessageCompression.Shared
    : args.Contains("dedicated") ? MessageCompression.Dedicated : MessageCompression.Off;
app.MapWebSocket(
    "/chat",
    async chat =>
    {
        while (await chat.ReceiveAsync() is { IsClose: false } message) await chat.SendAsync(message);
    },
    endpoint => endpoint.Connection = new() { Compression = new() { Mode = compression } });
app.Lifetime.ApplicationStarted.Register(() => Console.WriteLine($"listening on {args[0]}"));
await app.RunAsync();
