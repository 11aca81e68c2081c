using System.Net;
using System.Net.Sockets;
using System.Text;
using Tideway.WebSockets.Handshake;

namespace Tideway.WebSockets.Tests.Connections;

/// <summary>A bare listener that takes one client, reads its request, and answers whatever the test says.</summary>
internal sealed class ScriptedServer : IDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(20);
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private Socket? _client;

    public ScriptedServer()
    {
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen();
        Uri = new Uri($"ws://127.0.0.1:{((IPEndPoint)_listener.LocalEndPoint!).Port}/chat?room=1");
    }

    public Uri Uri { get; }

    public Socket Client => _client!;

    /// <summary>Accepts, reads the head of a request, and answers it as text and as the key that it has.</summary>
    public async Task<(string Head, string Key)> ReadRequestAsync()
    {
        using var patience = new CancellationTokenSource(_patience);
        _client = await _listener.AcceptAsync(patience.Token);
        _client.NoDelay = true;
        string head = "";
        byte[] buffer = new byte[4096];
        while (!head.EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            int length = await _client.ReceiveAsync(buffer, patience.Token);
            Assert.True(length > 0, "The client closed early.");
            head += Encoding.Latin1.GetString(buffer, 0, length);
        }

        const string Name = "Sec-WebSocket-Key: ";
        string key = head.Split("\r\n").Single(line => line.StartsWith(Name, StringComparison.Ordinal))[Name.Length..];
        return (head, key);
    }

    public static string Acceptance(string key, string more = "") =>
        $"HTTP/1.1 101 Switching Protocols\r\nConnection: keep-alive, Upgrade\r\nUpgrade: WebSocket\r\n{more}" +
        $"Sec-WebSocket-Accept: {HandshakeKey.ComputeAccept(key)}\r\n\r\n";

    public Task SendAsync(string text) => Client.SendAsync(Encoding.Latin1.GetBytes(text));

    /// <summary>Reads to the end of what the client sends, which comes when it closes.</summary>
    public async Task WaitForEndAsync()
    {
        using var patience = new CancellationTokenSource(_patience);
        byte[] buffer = new byte[4096];
        try
        {
            while (await Client.ReceiveAsync(buffer, patience.Token) > 0)
            {
            }
        }
        catch (SocketException)
        {
            // A reset is an end, too.
        }
    }

    public void Dispose()
    {
        _client?.Dispose();
        _listener.Dispose();
    }
}
