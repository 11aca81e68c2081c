using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Tideway.AspNetCore.Endpoints;
using Tideway.AspNetCore.Transport;

namespace Tideway.AspNetCore.Tests.Transport;

public sealed class ResetTests
{
    private static readonly byte[] _handshake = Encoding.Latin1.GetBytes(
        "GET /chat HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");

    [Fact]
    public async Task Clients_that_reset_right_after_the_handshake_harm_nobody()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0").UseTidewayTransport();
        await using WebApplication app = builder.Build();
        app.MapWebSocket("/chat", async chat =>
        {
            while (await chat.ReceiveAsync() is { IsClose: false } message) await chat.SendAsync(message);
        });
        await app.StartAsync();
        var end = new IPEndPoint(IPAddress.Loopback, new Uri(app.Urls.First()).Port);

        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => ResetAsync(end)));

        using var last = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        last.ReceiveTimeout = 20_000;
        await last.ConnectAsync(end);
        await last.SendAsync(_handshake);
        byte[] answer = new byte[12];
        last.Receive(answer);
        Assert.Equal("HTTP/1.1 101", Encoding.Latin1.GetString(answer));
    }

    [Fact]
    public async Task Clients_that_reset_instead_of_reading_their_answers_are_no_errors_of_the_application()
    {
        var logs = new RecordedLogs();
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders().AddProvider(logs).SetMinimumLevel(LogLevel.Error);
        builder.WebHost.UseUrls("http://127.0.0.1:0").UseTidewayTransport();
        await using WebApplication app = builder.Build();
        byte[] answer = new byte[10_000];
        app.MapGet("/", () => Results.Bytes(answer));
        await app.StartAsync();
        var end = new IPEndPoint(IPAddress.Loopback, new Uri(app.Urls.First()).Port);
        byte[] requests = Encoding.Latin1.GetBytes(
            string.Concat(Enumerable.Repeat("GET / HTTP/1.1\r\nHost: x\r\n\r\n", 300)));
        for (int i = 0; i < 50; i++)
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            socket.ReceiveBufferSize = 4096;
            await socket.ConnectAsync(end);
            await socket.SendAsync(requests);
            await socket.ReceiveAsync(new byte[1]);
            socket.LingerState = new LingerOption(true, 0); // closes with a reset
        }

        await app.StopAsync(); // Every request has ended.
        Assert.False(logs.Contains(""), logs.ToString());
    }

    private static async Task ResetAsync(EndPoint end)
    {
        for (int i = 0; i < 250; i++)
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(end);
            await socket.SendAsync(_handshake);
            await socket.ReceiveAsync(new byte[1]);
            socket.LingerState = new LingerOption(true, 0); // closes with a reset
        }
    }
}
