using System.Diagnostics.Metrics;
using System.Net.WebSockets;
using Tideway.Components;
using Tideway.DynamicConfig;
using Tideway.Server;
using Tideway.WebSockets.Connections;

namespace Tideway.Tests.Server;

public sealed class ServerMetricsTests
{
    [Fact]
    public async Task Messages_are_counted_while_their_connection_is_open_and_after_it()
    {
        string path = $"/{Guid.NewGuid():N}";
        Handler echo = new Echo(path);
        await using TestServer server = await TestServer.StartAsync(echo);
        using (ClientWebSocket client = await server.ConnectAsync(path))
        {
            await client.SendAsync(new byte[5], WebSocketMessageType.Binary, true, TestServer.Patience);
            await client.ReceiveAsync(new byte[10], TestServer.Patience);
            Assert.Equal(1, Read("tideway.websocket.connections.open", echo.HandlerName));
            Assert.Equal(1, Read("tideway.websocket.messages.received", echo.HandlerName));
            Assert.Equal(5, Read("tideway.websocket.bytes.sent", echo.HandlerName));
            await client.CloseAsync(WebSocketCloseStatus.NormalClosure, null, TestServer.Patience);
        }

        while (Read("tideway.websocket.connections.open", echo.HandlerName) > 0) await Task.Yield();
        Assert.Equal(1, Read("tideway.websocket.connections.opened", echo.HandlerName));
        Assert.Equal(1, Read("tideway.websocket.messages.sent", echo.HandlerName));
        Assert.Equal(5, Read("tideway.websocket.bytes.received", echo.HandlerName));
        Assert.Equal(0, Read("tideway.websocket.handlers.failed", echo.HandlerName));
        Assert.True(Read("tideway.loop.events", null) > 0);
    }

    [Fact]
    public async Task Compressed_bytes_are_counted_before_and_after()
    {
        string path = $"/{Guid.NewGuid():N}";
        Handler echo = new Echo(path);
        await using TestServer server = await TestServer.StartAsync(echo);
        using var client = new ClientWebSocket();
        client.Options.DangerousDeflateOptions = new();
        await client.ConnectAsync(new Uri($"ws://127.0.0.1:{server.Port}{path}"), TestServer.Patience);
        await client.SendAsync(new byte[1000], WebSocketMessageType.Binary, true, TestServer.Patience);
        await client.ReceiveAsync(new byte[2000], TestServer.Patience);
        Assert.Equal(1000, Read("tideway.websocket.inflate.bytes.out", echo.HandlerName));
        Assert.InRange(Read("tideway.websocket.inflate.bytes.in", echo.HandlerName), 1, 100);
        Assert.Equal(1000, Read("tideway.websocket.deflate.bytes.in", echo.HandlerName));
        Assert.InRange(Read("tideway.websocket.deflate.bytes.out", echo.HandlerName), 1, 100);
    }

    [Fact]
    public async Task The_reference_of_the_metrics_is_fresh()
    {
        await using TestServer server = await TestServer.StartAsync();
        using var dynamicConfig = new DynamicConfigMetrics(
            new DynamicConfigSource(), TimeProvider.System, hasUpdates: true);
        var meters = new ServiceMeters();
        var context = new ComponentContext("docs") { Meters = meters, PeriodicTasks = new PeriodicTasks(meters) };
        await using var task = new PeriodicTask(context, "docs", TimeSpan.FromDays(1), _ => Task.CompletedTask);
        var instruments = new SortedDictionary<string, Instrument>(StringComparer.Ordinal);
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, _) =>
        {
            if (instrument.Meter.Name == "Tideway") instruments[instrument.Name] = instrument;
        };
        listener.Start();
        string page = """
            # Metrics

            Generated from the instruments by `make docs`; do not edit. They are on the meter `Tideway` of
            `System.Diagnostics.Metrics`: `dotnet-counters monitor --counters Tideway` shows them, and OpenTelemetry
            exports them by that name. `tideway.websocket.*` have the tag `handler`; `tideway.loop.*` have
            `task_processor` and `loop`; `tideway.listener.*` and `tideway.tls.*` have `listener`, the latter when it
            speaks TLS; `tideway.dynamic_config.updates` has `outcome`, `tideway.dynamic_config.values.refused`
            `variable`; `tideway.periodic_task.*` have `task`. What HTTP and TLS refuse is counted by the web server's
            own meter, `Microsoft.AspNetCore.Server.Kestrel`.

            The handler `handler-server-monitor` tells them over HTTP: `?format=json`, `pretty`, `prometheus`,
            `prometheus-untyped`, `graphite` or `solomon`; `path` or `prefix` picks by name, `labels` (a JSON object) by
            tags. It tells what this service measures, whatever else runs in the process: the meters that a component
            makes with `ComponentContext.Meters`, and meters without a scope; those of .NET and ASP.NET Core when
            `platform-meters` of `statistics-storage` names them. An instrument is told from the start of the service
            on, with at most 2000 combinations of tags; what is beyond is added up as `overflow="true"`. There,
            WebSocket handlers also have the names that they have in userver: `ws.<handler>.msg.recv`, `.msg.sent`,
            `.bytes.recv` and `.bytes.sent`, which count while connections are open.

            | instrument | kind | unit | meaning |
            |---|---|---|---|

            """;
        foreach (Instrument instrument in instruments.Values)
        {
            string kind = instrument is ObservableCounter<long> ? "counter" : "gauge";
            page += $"| `{instrument.Name}` | {kind} | `{instrument.Unit}` | {instrument.Description} |\n";
        }

        string path = Path.Combine(Repository.DocsTests.Root, "docs", "reference", "metrics.md");
        if (Environment.GetEnvironmentVariable("TIDEWAY_WRITE_DOCS") == "1") File.WriteAllText(path, page);
        Assert.True(File.ReadAllText(path) == page, "docs/reference/metrics.md is stale: run `make docs`.");
    }

    private static long Read(string name, string? handler) =>
        MetricReader.Read(name, handler is null ? [] : [("handler", handler)]);

    /// <summary>An echo whose name is no other test's.</summary>
    private sealed class Echo(string path)
        : WebSocketHandler(
            new() { Path = path, Compression = MessageCompression.Shared },
            new ComponentContext("echo" + path))
    {
        protected override async Task HandleAsync(WebSocketConnection connection, RequestContext request)
        {
            while (await connection.ReceiveAsync() is { IsClose: false } message) await connection.SendAsync(message);
        }
    }
}
