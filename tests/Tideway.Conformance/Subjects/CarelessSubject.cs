using System.Net;
using System.Net.Sockets;
using System.Text;
using Tideway.Conformance.Cases;
using Tideway.Conformance.Wire;
using Tideway.Testing.Wire;
using Tideway.WebSockets.Framing;

namespace Tideway.Conformance.Subjects;

/// <summary>A server that believes whatever it reads and sends it back, to see that the suite can tell.</summary>
internal sealed class CarelessSubject() : Subject("careless", Roles.Server)
{
    public override TimeSpan Patience => TimeSpan.FromSeconds(0.5);

    public override async Task<Session> ConnectAsync(Case item)
    {
        using Socket listener = CreateSocket();
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        Socket socket = CreateSocket();
        await socket.ConnectAsync(listener.LocalEndPoint!);
        _ = EchoAsync(await listener.AcceptAsync());
        var session = new Session(
            socket, new NetworkStream(socket, ownsSocket: true), WebSocketRole.Server, Patience);
        await Handshakes.OpenAsync(session, item.Profile.Name);
        return session;
    }

    private static async Task EchoAsync(Socket socket)
    {
        using var stream = new NetworkStream(socket, ownsSocket: true);
        try
        {
            for (int ends = 0; ends < 4;)
                ends = (await ReadAsync(stream, 1))[0] is (byte)'\r' or (byte)'\n' ? ends + 1 : 0;
            await stream.WriteAsync(Encoding.ASCII.GetBytes("HTTP/1.1 101 Switching Protocols\r\n\r\n"));
            while (true)
            {
                byte[] head = await ReadAsync(stream, 2);
                int length = head[1] & 0x7F;
                if (length == 126) length = BitConverter.ToUInt16([.. (await ReadAsync(stream, 2)).Reverse()]);
                byte[] key = await ReadAsync(stream, 4);
                byte[] payload = await ReadAsync(stream, length);
                for (int i = 0; i < length; i++) payload[i] ^= key[i % 4];
                int opcode = head[0] & 0xF;
                if (opcode == Frame.PongOpcode) continue;
                var answer = new Frame(opcode == Frame.PingOpcode ? Frame.PongOpcode : opcode, payload)
                {
                    Fin = (head[0] & 0x80) != 0,
                };
                await stream.WriteAsync(answer.Encode(masks: false));
                if (opcode == Frame.CloseOpcode) return;
            }
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            // The session has ended.
        }
    }

    private static async Task<byte[]> ReadAsync(Stream stream, int count)
    {
        byte[] bytes = new byte[count];
        await stream.ReadExactlyAsync(bytes);
        return bytes;
    }
}
