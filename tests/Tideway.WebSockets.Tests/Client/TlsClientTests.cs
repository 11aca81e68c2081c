using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Tideway.WebSockets.Client;
using Tideway.WebSockets.Connections;

namespace Tideway.WebSockets.Tests.Client;

/// <summary>Whom the client trusts with TLS, and what it says when it does not.</summary>
public sealed class TlsClientTests : IDisposable
{
    private readonly ClientFixture _client = new(ClientKind.Tls);

    [Fact]
    public async Task A_certificate_of_an_unknown_authority_is_refused_and_told()
    {
        ConnectionFailedException failure = await FailAsync(TestCertificate.Server, new());
        Assert.StartsWith(
            $"The WebSocket connection to wss://127.0.0.1:", failure.Message, StringComparison.Ordinal);
        Assert.Contains("TLS with '127.0.0.1' failed: ", failure.Message, StringComparison.Ordinal);
        Assert.Contains("PartialChain", failure.Message, StringComparison.Ordinal);
        Assert.IsType<AuthenticationException>(failure.InnerException);
        Assert.Null(failure.StatusCode);
    }

    [Fact]
    public async Task A_certificate_of_another_host_is_refused_and_told()
    {
        using X509Certificate2 other = TestCertificate.Sign("example.org", from: -1, to: 1);
        ConnectionFailedException failure = await FailAsync(other, _client.Options());
        Assert.Contains("RemoteCertificateNameMismatch", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_certificate_that_has_expired_is_refused_and_told()
    {
        using X509Certificate2 old = TestCertificate.Sign("localhost", from: -3, to: -2);
        ConnectionFailedException failure = await FailAsync(old, _client.Options());
        Assert.Contains("NotTimeValid", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_without_TLS_is_told()
    {
        using var server = new ScriptedServer();
        var uri = new UriBuilder(server.Uri) { Scheme = "wss" }.Uri;
        Task<WebSocketConnection> connecting = WebSocketClient.ConnectAsync(uri, _client.Options());
        await server.AcceptAsync();
        await server.SendAsync("HTTP/1.1 400 Bad Request\r\n\r\n");
        var failure = await Assert.ThrowsAsync<ConnectionFailedException>(
            () => connecting.WaitAsync(ClientFixture.Patience));
        Assert.Contains("TLS with '127.0.0.1' failed: ", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_does_not_answer_the_TLS_handshake_is_given_up_after_the_time_out()
    {
        Task<WebSocketConnection> connecting =
            _client.ConnectAsync(_client.Options(timeout: TimeSpan.FromSeconds(0.3)));
        await _client.Server.AcceptAsync();
        var failure = await Assert.ThrowsAsync<ConnectionFailedException>(() => connecting);
        Assert.EndsWith("no end of the TLS handshake within 0.3 s.", failure.Message, StringComparison.Ordinal);
        await _client.AssertClosedAsync();
    }

    [Fact]
    public async Task A_callback_of_the_application_may_trust_anybody()
    {
        var options = new WebSocketClientOptions
        {
            ConfigureTls = tls => tls.RemoteCertificateValidationCallback = (_, _, _, _) => true,
        };
        Task<WebSocketConnection> connecting = _client.ConnectAsync(options);
        await _client.Server.SendAsync(ScriptedServer.Acceptance((await _client.Server.ReadRequestAsync()).Key));
        (await connecting).Abort();
    }

    [Fact]
    public async Task The_server_is_told_the_host_and_the_protocol_and_is_shown_the_certificate_of_the_client()
    {
        using X509Certificate2 mine = TestCertificate.Sign("me", from: -1, to: 1);
        var options = new WebSocketClientOptions
        {
            ConfigureTls = tls =>
            {
                tls.CertificateChainPolicy = ClientFixture.Trusting(TestCertificate.Authority);
                tls.ClientCertificates = [mine];
            },
        };
        var uri = new UriBuilder(_client.Server.Uri) { Host = "localhost" }.Uri;
        Task<WebSocketConnection> connecting = WebSocketClient.ConnectAsync(uri, options);
        string? shown = null;
        string? host = null;
        await _client.Server.AuthenticateAsync(new SslServerAuthenticationOptions
        {
            ClientCertificateRequired = true,
            ApplicationProtocols = [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11],
            ServerCertificateSelectionCallback = (_, name) =>
            {
                host = name;
                return TestCertificate.Server;
            },
            RemoteCertificateValidationCallback = (_, certificate, _, _) =>
            {
                shown = certificate?.Subject;
                return true;
            },
        });
        Assert.Equal("CN=me", shown);
        Assert.Equal("localhost", host);
        Assert.Equal(SslApplicationProtocol.Http11, _client.Server.Tls.NegotiatedApplicationProtocol);
        _client.Server.EndClient();
        await Assert.ThrowsAsync<ConnectionFailedException>(() => connecting.WaitAsync(ClientFixture.Patience));
    }

    public void Dispose() => _client.Dispose();

    private static async Task<ConnectionFailedException> FailAsync(
        X509Certificate2 certificate, WebSocketClientOptions options)
    {
        using var server = new ScriptedServer(certificate);
        Task<WebSocketConnection> connecting = WebSocketClient.ConnectAsync(server.Uri, options);
        try
        {
            await server.AuthenticateAsync();
        }
        catch (Exception exception) when (exception is AuthenticationException or IOException)
        {
            // The client may be gone before the server has seen why.
        }

        return await Assert.ThrowsAsync<ConnectionFailedException>(
            () => connecting.WaitAsync(ClientFixture.Patience));
    }
}
