using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using Tideway.Conformance.Cases;
using Tideway.Conformance.Wire;
using Tideway.WebSockets.Client;
using Tideway.WebSockets.Connections;
using Tideway.WebSockets.Engine;
using Tideway.WebSockets.Framing;

namespace Tideway.Conformance.Subjects;

/// <summary>The client: on event loops, or over a stream for TLS.</summary>
internal sealed class ClientSubject(string name, bool tls) : Subject(name, Roles.Client)
{
    private readonly EventLoopGroup _loops = new("conformance", 2);

    public override async Task<Session> ConnectAsync(Case item)
    {
        using Socket listener = CreateSocket();
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        Task<WebSocketConnection> connecting =
            ConnectAndRunAsync(((IPEndPoint)listener.LocalEndPoint!).Port, item.Profile);
        Socket socket = await listener.AcceptAsync();
        socket.NoDelay = true;
        Stream stream = new NetworkStream(socket, ownsSocket: true);
        if (tls)
        {
            var secure = new SslStream(stream);
            await secure.AuthenticateAsServerAsync(TestCertificate.Instance);
            stream = secure;
        }

        var session = new Session(socket, stream, WebSocketRole.Client, Patience) { Connecting = connecting };
        if (!item.OpensItself) await Handshakes.AcceptAsync(session, item.Extension);
        return session;
    }

    public override ValueTask DisposeAsync()
    {
        _loops.Dispose();
        return base.DisposeAsync();
    }

    private async Task<WebSocketConnection> ConnectAndRunAsync(int port, Profile profile)
    {
        var options = new WebSocketClientOptions
        {
            Loops = _loops,
            Connection = profile.Options,
            ConfigureTls = secure => secure.RemoteCertificateValidationCallback = (_, _, _, _) => true,
        };
        foreach (string subprotocol in profile.Subprotocols) options.Subprotocols.Add(subprotocol);
        var uri = new Uri($"{(tls ? "wss" : "ws")}://127.0.0.1:{port}/path?room=1");
        WebSocketConnection connection = await WebSocketClient.ConnectAsync(uri, options);
        connection.Start(profile.Handler, (_, _) => { });
        return connection;
    }
}
