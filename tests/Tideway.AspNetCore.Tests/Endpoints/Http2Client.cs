using System.Net;
using System.Net.WebSockets;

namespace Tideway.AspNetCore.Tests.Endpoints;

/// <summary>One HTTP/2 connection of the platform's client, and the WebSockets on its streams.</summary>
internal sealed class Http2Client : IDisposable
{
    private readonly HttpMessageInvoker _invoker = new(new SocketsHttpHandler
    {
        EnableMultipleHttp2Connections = false,
        SslOptions = { RemoteCertificateValidationCallback = (_, _, _, _) => true },
    });

    public static CancellationToken Patience => new CancellationTokenSource(TimeSpan.FromSeconds(30)).Token;

    public async Task<ClientWebSocket> ConnectAsync(Uri uri, Action<ClientWebSocketOptions>? configure = null)
    {
        var client = new ClientWebSocket
        {
            Options =
            {
                HttpVersion = HttpVersion.Version20,
                HttpVersionPolicy = HttpVersionPolicy.RequestVersionExact,
            },
        };
        configure?.Invoke(client.Options);
        await client.ConnectAsync(uri, _invoker, Patience);
        return client;
    }

    /// <summary>Sends a CONNECT with these headers, and answers the status.</summary>
    public async Task<HttpResponseMessage> SendConnectAsync(
        Uri uri, string protocol, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(HttpMethod.Connect, uri)
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Headers = { Protocol = protocol },
        };
        foreach ((string name, string value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        return await _invoker.SendAsync(request, Patience);
    }

    public void Dispose() => _invoker.Dispose();
}
