using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Tideway.Components;
using Tideway.Server;
using Tideway.WebSockets.Connections;

namespace Tideway.Tests.Server;

/// <summary>A server on the loopback, at ports that the system picks, with handlers made of functions.</summary>
internal sealed class TestServer(HttpServer server) : IAsyncDisposable
{
    public static CancellationToken Patience => new CancellationTokenSource(TimeSpan.FromSeconds(30)).Token;

    public static ListenerConfig Loopback => new() { Address = "127.0.0.1", Port = 0 };

    public static ServerConfig Config => new() { Listener = Loopback };

    public HttpServer Server => server;

    public HttpClient Http { get; } = new();

    public int Port => new Uri(server.Addresses.Single()).Port;

    public static Task<TestServer> StartAsync(params Handler[] handlers) => StartAsync(Config, handlers);

    public static Task<TestServer> StartAsync(ServerConfig config, params Handler[] handlers) =>
        StartAsync(config, NullLoggerFactory.Instance, null, handlers);

    public static async Task<TestServer> StartAsync(
        ServerConfig config, ILoggerFactory loggers, TimeProvider? timeProvider, params Handler[] handlers)
    {
        var server = new HttpServer(config, handlers, loggers, timeProvider);
        await server.StartAsync(Patience);
        return new TestServer(server);
    }

    public static Handler Answer(HandlerConfig config, Func<HttpContext, Task> answer, string name = "answer") =>
        new AnswerHandler(config, name, answer);

    public static Handler Talk(
        string path, Func<WebSocketConnection, Task> talk, WebSocketHandlerConfig? config = null) =>
        new TalkHandler((config ?? new() { Path = path }) with { Path = path }, talk);

    public Task<HttpResponseMessage> GetAsync(string path) =>
        Http.GetAsync(new Uri($"http://127.0.0.1:{Port}{path}"), Patience);

    public async Task<HttpStatusCode> StatusOfAsync(string path)
    {
        using HttpResponseMessage response = await GetAsync(path);
        return response.StatusCode;
    }

    public async Task<ClientWebSocket> ConnectAsync(string path)
    {
        var client = new ClientWebSocket();
        await client.ConnectAsync(new Uri($"ws://127.0.0.1:{Port}{path}"), Patience);
        return client;
    }

    /// <summary>Sends bytes as they are, and leaves the connection open.</summary>
    public async Task<TcpClient> SendRawAsync(byte[] request)
    {
        var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, Port, Patience);
        await client.GetStream().WriteAsync(request, Patience);
        return client;
    }

    /// <summary>Reads what the listener of this server measures.</summary>
    public double Read(string name)
    {
        double read = double.NaN;
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, l) =>
        {
            if (instrument.Meter == server.Meter && instrument.Name == name)
                l.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((_, value, tags, _) => Take(value, tags));
        listener.SetMeasurementEventCallback<double>((_, value, tags, _) => Take(value, tags));
        listener.Start();
        listener.RecordObservableInstruments();
        return read;

        void Take(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            Assert.Equal(new KeyValuePair<string, object?>("listener", "listener"), Assert.Single(tags.ToArray()));
            read = value;
        }
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await server.DisposeAsync();
    }

    private sealed class AnswerHandler(HandlerConfig config, string name, Func<HttpContext, Task> answer)
        : HttpHandler(config, new ComponentContext(name))
    {
        protected override Task HandleAsync(HttpContext http) => answer(http);
    }

    private sealed class TalkHandler(WebSocketHandlerConfig config, Func<WebSocketConnection, Task> talk)
        : WebSocketHandler(config, new ComponentContext("talk"))
    {
        protected override Task HandleAsync(WebSocketConnection connection, RequestContext request) => talk(connection);
    }
}
