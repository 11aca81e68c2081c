using System.Security.Cryptography.X509Certificates;
using Tideway.WebSockets.Client;
using Tideway.WebSockets.Connections;
using Tideway.WebSockets.Engine;

namespace Tideway.WebSockets.Tests.Client;

/// <summary>A client of one kind, and the scripted server that it connects to.</summary>
internal sealed class ClientFixture : IDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private readonly ClientKind _kind;

    public ClientFixture(ClientKind kind)
    {
        _kind = kind;
        Server = NewServer();
    }

    public EventLoopGroup Loops { get; } = new("client-test", 1);

    public ScriptedServer Server { get; }

    public ScriptedServer NewServer() => new(_kind == ClientKind.Tls ? TestCertificate.Server : null);

    public WebSocketClientOptions Options(
        string[]? subprotocols = null, TimeSpan? timeout = null, WebSocketConnectionOptions? connection = null)
    {
        var options = new WebSocketClientOptions
        {
            Loops = Loops,
            ConnectTimeout = timeout ?? Patience,
            Connection = connection ?? new(),
            WithoutLoops = _kind == ClientKind.Stream,
            ConfigureTls = tls => tls.CertificateChainPolicy = Trusting(TestCertificate.Authority),
        };
        foreach (string subprotocol in subprotocols ?? []) options.Subprotocols.Add(subprotocol);
        return options;
    }

    public static X509ChainPolicy Trusting(X509Certificate2 authority) => new()
    {
        TrustMode = X509ChainTrustMode.CustomRootTrust,
        CustomTrustStore = { authority },
        RevocationMode = X509RevocationMode.NoCheck,
    };

    public Task<WebSocketConnection> ConnectAsync(
        WebSocketClientOptions? options = null, CancellationToken cancellationToken = default) =>
        WebSocketClient.ConnectAsync(Server.Uri, options ?? Options(), cancellationToken)
            .WaitAsync(Patience, CancellationToken.None);

    /// <summary>Connects to a server that answers this, and expects that it fails and closes.</summary>
    public async Task<ConnectionFailedException> FailAsync(
        Func<string, string> answer, WebSocketClientOptions? options = null)
    {
        Task<WebSocketConnection> connecting = ConnectAsync(options);
        (_, string key) = await Server.ReadRequestAsync();
        await Server.SendAsync(answer(key));
        var failure = await Assert.ThrowsAsync<ConnectionFailedException>(() => connecting);
        await AssertClosedAsync();
        return failure;
    }

    /// <summary>Waits until the client has let go of its socket.</summary>
    public async Task AssertClosedAsync()
    {
        await Server.WaitForEndAsync();
        using var patience = new CancellationTokenSource(Patience);
        while (Loops.OpenSockets > 0) await Task.Delay(1, patience.Token);
    }

    public void Dispose()
    {
        Server.Dispose();
        Loops.Dispose();
    }
}
