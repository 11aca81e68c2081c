using System.Net;
using System.Net.Sockets;
using Tideway.Conformance.Cases;
using Tideway.Conformance.Wire;
using Tideway.WebSockets.Connections;
using Tideway.WebSockets.Framing;

namespace Tideway.Conformance.Subjects;

/// <summary>A connection in the role of a client over a stream, whose handshake somebody else has done.</summary>
internal sealed class StreamClientSubject(string name) : Subject(name, Roles.Client)
{
    public override bool Takes(Case item) => base.Takes(item) && !item.OpensItself;

    public override async Task<Session> ConnectAsync(Case item)
    {
        using Socket listener = CreateSocket();
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        Socket other = CreateSocket();
        await other.ConnectAsync(listener.LocalEndPoint!);
        Socket socket = await listener.AcceptAsync();
        socket.NoDelay = true;

        var stream = new NetworkStream(other, ownsSocket: true);
        WebSocketConnection connection =
            WebSocketConnection.Create(stream, WebSocketRole.Client, item.Profile.Options);
        connection.Start(item.Profile.Handler, (_, _) => { });
        _ = connection.Completion.ContinueWith(_ => stream.Dispose(), TaskScheduler.Default);
        return new Session(socket, new NetworkStream(socket, ownsSocket: true), WebSocketRole.Client, Patience);
    }
}
