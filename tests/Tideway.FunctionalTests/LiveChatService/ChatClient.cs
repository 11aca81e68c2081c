using System.Net.WebSockets;
using System.Text;

namespace Tideway.FunctionalTests.LiveChatService;

/// <summary>A client of a chat service that speaks text.</summary>
internal sealed class ChatClient : IDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);
    private readonly ClientWebSocket _socket = new();
    private byte[] _buffer = new byte[256];

    /// <summary>Why the service closed the connection; null while it is open.</summary>
    public WebSocketCloseStatus? CloseStatus => _socket.CloseStatus;

    public static async Task<ChatClient> ConnectAsync(Uri uri)
    {
        var client = new ChatClient();
        await client._socket.ConnectAsync(uri, default).WaitAsync(_patience);
        return client;
    }

    public Task SendAsync(string text) => _socket
        .SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, true, default).WaitAsync(_patience);

    /// <summary>Waits for a whole message; null when the service closes the connection.</summary>
    public async Task<string?> ReceiveAsync()
    {
        int length = 0;
        while (true)
        {
            if (length == _buffer.Length) Array.Resize(ref _buffer, 2 * length);
            WebSocketReceiveResult piece = await _socket
                .ReceiveAsync(new ArraySegment<byte>(_buffer, length, _buffer.Length - length), default)
                .WaitAsync(_patience);
            if (piece.MessageType == WebSocketMessageType.Close) return null;
            length += piece.Count;
            if (piece.EndOfMessage) return Encoding.UTF8.GetString(_buffer, 0, length);
        }
    }

    /// <summary>Sends a text, and waits for what comes back.</summary>
    public async Task<string?> EchoAsync(string text)
    {
        await SendAsync(text);
        return await ReceiveAsync();
    }

    public void Dispose() => _socket.Dispose();
}
