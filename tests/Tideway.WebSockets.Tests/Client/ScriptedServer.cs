using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Tideway.WebSockets.Handshake;

namespace Tideway.WebSockets.Tests.Client;

/// <summary>A bare listener that takes one client after the other, reads its request, and answers whatever the test
/// says, with or without TLS.</summary>
internal sealed class ScriptedServer : IDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(20);
    private readonly Socket _listener;
    private readonly X509Certificate2? _certificate;
    private Socket? _client;
    private Stream? _stream;

    public ScriptedServer(X509Certificate2? certificate = null, IPAddress? address = null)
    {
        address ??= IPAddress.Loopback;
        _certificate = certificate;
        _listener = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        _listener.Bind(new IPEndPoint(address, 0));
        _listener.Listen();
        string scheme = certificate is null ? "ws" : "wss";
        Uri = new Uri($"{scheme}://{_listener.LocalEndPoint}/chat?room=1");
    }

    public Uri Uri { get; }

    public Socket Client => _client!;

    public Stream Stream => _stream!;

    public SslStream Tls => (SslStream)_stream!;

    /// <summary>Accepts, and goes no further.</summary>
    public async Task AcceptAsync()
    {
        using var patience = new CancellationTokenSource(_patience);
        EndClient();
        _client = await _listener.AcceptAsync(patience.Token);
        _client.NoDelay = true;
        _stream = new NetworkStream(_client, ownsSocket: true);
    }

    /// <summary>Accepts, and does TLS if there is a certificate.</summary>
    public async Task AuthenticateAsync(SslServerAuthenticationOptions? options = null)
    {
        await AcceptAsync();
        if (_certificate is null) return;
        options ??= new SslServerAuthenticationOptions();
        if (options.ServerCertificateSelectionCallback is null) options.ServerCertificate = _certificate;
        var tls = new SslStream(_stream!);
        _stream = tls;
        await tls.AuthenticateAsServerAsync(options).WaitAsync(_patience);
    }

    /// <summary>Accepts, reads the head of a request, and answers it as text and as the key that it has.</summary>
    public async Task<(string Head, string Key)> ReadRequestAsync()
    {
        await AuthenticateAsync();
        using var patience = new CancellationTokenSource(_patience);
        string head = "";
        byte[] buffer = new byte[4096];
        while (!head.EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            int length = await _stream!.ReadAsync(buffer, patience.Token);
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

    /// <summary>Sends all of it in one piece.</summary>
    public ValueTask SendAsync(string text) => _stream!.WriteAsync(Encoding.Latin1.GetBytes(text));

    /// <summary>Reads to the end of what the client sends, which comes when it closes, and answers it.</summary>
    public async Task<byte[]> WaitForEndAsync()
    {
        using var patience = new CancellationTokenSource(_patience);
        var received = new MemoryStream();
        try
        {
            await _stream!.CopyToAsync(received, patience.Token);
        }
        catch (IOException)
        {
            // A reset is an end, too.
        }

        return received.ToArray();
    }

    /// <summary>Ends the connection to the client.</summary>
    public void EndClient()
    {
        _stream?.Dispose();
        _client?.Dispose();
    }

    public void Dispose()
    {
        EndClient();
        _listener.Dispose();
    }
}
