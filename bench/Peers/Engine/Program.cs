using Tideway.AspNetCore.Endpoints;
using Tideway.AspNetCore.Transport;

// The echo on Tideway's engine alone, in an ASP.NET Core application: Engine PORT
WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
builder.Logging.SetMinimumLevel(LogLevel.Warning);
builder.WebHost.UseUrls($"http://127.0.0.1:{args[0]}").UseTidewayTransport();
WebApplication app = builder.Build();
app.MapGet("/ping", () => "");
app.MapGet("/gc", () =>
{
    for (int i = 0; i < 3; i++)
    {
        GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        GC.WaitForPendingFinalizers();
    }

    return GC.GetTotalMemory(false).ToString();
});
app.MapWebSocket("/chat", async chat =>
{
    while (await chat.ReceiveAsync() is { IsClose: false } message) await chat.SendAsync(message);
});
await app.RunAsync();
