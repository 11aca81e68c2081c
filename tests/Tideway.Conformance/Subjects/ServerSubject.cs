using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using Tideway.AspNetCore.Endpoints;
using Tideway.AspNetCore.Transport;
using Tideway.Conformance.Cases;
using Tideway.Conformance.Wire;
using Tideway.WebSockets.Engine;
using Tideway.WebSockets.Framing;

namespace Tideway.Conformance.Subjects;

/// <summary>A web application with a route for each profile.</summary>
internal sealed class ServerSubject(string name, bool onLoops, bool tls) : Subject(name, Roles.Server)
{
    private WebApplication? _app;
    private EventLoopGroup? _loops;
    private int _port;

    public override async Task StartAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        if (onLoops)
        {
            _loops = new EventLoopGroup("conformance", 2);
            builder.WebHost.UseTidewayTransport(options => options.Loops = _loops);
        }

        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen =>
        {
            if (tls) listen.UseHttps(TestCertificate.Instance);
        }));
        _app = builder.Build();
        foreach (Profile profile in Profile.All)
        {
            _app.MapWebSocket("/" + profile.Name, profile.Handler, options =>
            {
                options.Connection = profile.Options;
                foreach (string subprotocol in profile.Subprotocols) options.Subprotocols.Add(subprotocol);
                foreach (string origin in profile.Origins) options.AllowedOrigins.Add(origin);
            });
        }

        await _app.StartAsync();
        _port = new Uri(_app.Urls.Single()).Port;
    }

    public override async Task<Session> ConnectAsync(Case item)
    {
        Socket socket = CreateSocket();
        await socket.ConnectAsync(IPAddress.Loopback, _port);
        Stream stream = new NetworkStream(socket, ownsSocket: true);
        if (tls)
        {
            var secure = new SslStream(stream, leaveInnerStreamOpen: false, (_, _, _, _) => true);
            await secure.AuthenticateAsClientAsync("localhost");
            stream = secure;
        }

        var session = new Session(socket, stream, WebSocketRole.Server, Patience);
        if (!item.OpensItself) await Handshakes.OpenAsync(session, item.Profile.Name, item.Extension);
        return session;
    }

    public override async ValueTask DisposeAsync()
    {
        if (_app is not null) await _app.DisposeAsync();
        _loops?.Dispose();
        await base.DisposeAsync();
    }
}
