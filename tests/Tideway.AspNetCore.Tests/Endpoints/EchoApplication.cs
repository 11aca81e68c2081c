using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;
using Tideway.AspNetCore.Endpoints;
using Tideway.AspNetCore.Transport;
using Tideway.WebSockets.Connections;
using Tideway.WebSockets.Engine;

namespace Tideway.AspNetCore.Tests.Endpoints;

/// <summary>An ordinary ASP.NET Core application with one WebSocket route,
/// on free ports: HTTP/1.1, TLS, and HTTP/2 without TLS where it is asked for; over the stock transport or over event
/// loops of its own.</summary>
internal sealed class EchoApplication : IAsyncDisposable
{
    private readonly WebApplication _app;

    private EchoApplication(WebApplication app, EventLoopGroup? loops) => (_app, Loops) = (app, loops);

    /// <summary>The certificate of the server, which signed itself.</summary>
    public static X509Certificate2 Certificate { get; } = CreateCertificate();

    /// <summary>The loops under the server; null over the stock transport.</summary>
    public EventLoopGroup? Loops { get; }

    public int Port => new Uri(_app.Urls.First(url => url.StartsWith("http:", StringComparison.Ordinal))).Port;

    public int PlainHttp2Port =>
        new Uri(_app.Urls.Last(url => url.StartsWith("http:", StringComparison.Ordinal))).Port;

    public int TlsPort => new Uri(_app.Urls.First(url => url.StartsWith("https:", StringComparison.Ordinal))).Port;

    public static async Task<EchoApplication> StartAsync(
        bool onLoops,
        Func<WebSocketConnection, Task>? handler = null,
        Action<WebSocketEndpointOptions>? configure = null,
        Action<TransportOptions>? transport = null,
        Action<WebApplicationBuilder>? build = null,
        Action<WebApplication>? map = null,
        bool plainHttp2 = false)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        EventLoopGroup? loops = onLoops ? new EventLoopGroup("app", 2) : null;
        if (loops is not null)
        {
            builder.WebHost.UseTidewayTransport(options =>
            {
                options.Loops = loops;
                transport?.Invoke(options);
            });
        }

        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0);
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(Certificate));
            if (plainHttp2) kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2);
        });
        build?.Invoke(builder);
        WebApplication app = builder.Build();
        app.MapWebSocket("/chat", handler ?? EchoAsync, configure);
        map?.Invoke(app);
        await app.StartAsync();
        return new EchoApplication(app, loops);
    }

    public Task StopAsync() => _app.StopAsync();

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        Loops?.Dispose();
        Assert.Equal(0, Loops?.OpenSockets ?? 0);
    }

    /// <summary>Sends bytes on a fresh socket and reads until the answer's head and this many bytes behind it are
    /// here.</summary>
    public async Task<(string Head, byte[] Behind)> SendRawAsync(ReadOnlyMemory<byte> bytes, int rest = 0)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, Port);
        await socket.SendAsync(bytes);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        var received = new List<byte>();
        byte[] buffer = new byte[4096];
        while (true)
        {
            int end = Encoding.Latin1.GetString([.. received]).IndexOf("\r\n\r\n", StringComparison.Ordinal);
            if (end >= 0 && received.Count >= end + 4 + rest)
                return (Encoding.Latin1.GetString([.. received.Take(end)]), [.. received.Skip(end + 4)]);
            int length = await socket.ReceiveAsync(buffer, patience.Token);
            Assert.True(length > 0, "The server closed the connection early.");
            received.AddRange(buffer.AsSpan(0, length));
        }
    }

    private static async Task EchoAsync(WebSocketConnection connection)
    {
        while (await connection.ReceiveAsync() is { IsClose: false } message) await connection.SendAsync(message);
    }

    private static X509Certificate2 CreateCertificate()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }
}
