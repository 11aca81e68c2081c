using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text;

namespace Tideway.FunctionalTests.Load;

/// <summary>A WebSocket server whose answer to each message is the test's.</summary>
internal sealed class ScriptedEcho : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Func<byte[], int, Task<byte[]>> _answer;

    // Holds them: a connection that waits for nothing else would be collected, and reset.
    private readonly ConcurrentBag<TcpClient> _clients = [];

    /// <param name="answer">Takes a message and its number on the connection, from 0.</param>
    public ScriptedEcho(Func<byte[], int, Task<byte[]>> answer)
    {
        _answer = answer;
        _listener.Start();
        _ = AcceptAsync();
    }

    public string Url => $"ws://{_listener.LocalEndpoint}/";

    public void Dispose() => _listener.Dispose();

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                TcpClient client = await _listener.AcceptTcpClientAsync();
                _clients.Add(client);
                _ = ServeAsync(client);
            }
        }
        catch (Exception exception) when (exception is ObjectDisposedException or SocketException)
        {
            // The test is over.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            NetworkStream stream = client.GetStream();
            await stream.WriteAsync(Encoding.ASCII.GetBytes(Accept(await ReadHeadAsync(stream))));
            using var socket = WebSocket.CreateFromStream(stream, new WebSocketCreationOptions { IsServer = true });
            byte[] buffer = new byte[65536];
            for (int number = 0; ; number++)
            {
                WebSocketReceiveResult received = await socket.ReceiveAsync(buffer, default);
                if (received.MessageType == WebSocketMessageType.Close) break;
                byte[] answer = await _answer(buffer[..received.Count], number);
                await socket.SendAsync(answer, received.MessageType, true, default);
            }

            await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", default);
        }
    }

    private static async Task<string> ReadHeadAsync(NetworkStream stream)
    {
        string head = "";
        byte[] one = new byte[1];
        while (!head.EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            await stream.ReadExactlyAsync(one);
            head += (char)one[0];
        }

        return head;
    }

    [SuppressMessage("Security", "CA5350", Justification = "RFC 6455 §4.2.2 names SHA-1.")]
    private static string Accept(string head)
    {
        const string Name = "Sec-WebSocket-Key: ";
        string key = head.Split("\r\n").Single(line => line.StartsWith(Name, StringComparison.Ordinal))[Name.Length..];
        byte[] hash = SHA1.HashData(Encoding.ASCII.GetBytes(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"));
        return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
            $"Sec-WebSocket-Accept: {Convert.ToBase64String(hash)}\r\n\r\n";
    }
}
