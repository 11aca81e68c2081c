using System.Security.Cryptography.X509Certificates;
using Tideway.AspNetCore.Tests.Endpoints;
using Tideway.WebSockets.Client;
using Tideway.WebSockets.Connections;
using Tideway.WebSockets.Framing;

namespace Tideway.AspNetCore.Tests.Client;

/// <summary>The code of the guide to the client, against a real server.</summary>
public sealed class ClientGuideTests
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_client_connects_sends_and_receives(bool tls)
    {
        await using EchoApplication app = await EchoApplication.StartAsync(
            onLoops: true, configure: endpoint => endpoint.Subprotocols.Add("chat.v2"));
        Uri uri = new(tls ? $"wss://localhost:{app.TlsPort}/chat" : $"ws://localhost:{app.Port}/chat");
        X509Certificate2 authority = EchoApplication.Certificate;

        // snippet: connect
        var options = new WebSocketClientOptions
        {
            Headers = { ["Authorization"] = "Bearer 17" },
            Subprotocols = { "chat.v2", "chat.v1" },
            Connection = new WebSocketConnectionOptions { MaxRemotePayload = 1_000_000 },
            ConnectTimeout = TimeSpan.FromSeconds(5),
            ConfigureTls = tls => tls.CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust, // in place of whom the system trusts
                CustomTrustStore = { authority },
                RevocationMode = X509RevocationMode.NoCheck,
            },
        };
        await using WebSocketConnection chat = await WebSocketClient.ConnectAsync(uri, options);
        await chat.SendTextAsync("hello");
        Message answer = await chat.ReceiveAsync();

        // end
        Assert.Equal("hello", answer.ToString());
        Assert.Equal("chat.v2", chat.Subprotocol);
        await chat.CloseAsync().WaitAsync(_patience);
        Assert.Equal(CloseCode.NormalClosure, chat.CloseReason!.Code);
    }

    [Fact]
    public async Task A_client_goes_on_where_it_was_after_the_connection_was_lost()
    {
        await using EchoApplication app = await EchoApplication.StartAsync(onLoops: true, handler: TellThreeAsync);
        var uri = new Uri($"ws://localhost:{app.Port}/chat");
        var log = new List<string>();

        // snippet: reconnect
        int last = 0;
        var reconnect = new ReconnectOptions
        {
            FirstDelay = TimeSpan.FromMilliseconds(100),
            Reconnecting = again => log.Add($"{again.Cause.Message} Again in {again.Delay.TotalSeconds:0.0} s."),
        };
        await WebSocketClient.RunAsync(uri, FollowAsync, reconnect: reconnect);

        async Task FollowAsync(WebSocketConnection feed)
        {
            await feed.SendTextAsync($"after {last}");
            while (await feed.ReceiveAsync() is { IsClose: false } message)
            {
                last = int.Parse(message.ToString());
                if (last == 10) return; // That was all: no more connections.
            }
        }

        // end
        Assert.Equal(10, last);
        Assert.Equal(3, log.Count);
        Assert.All(log, line => Assert.Contains("1012 (restart), by the peer. Again in 0.", line));
    }

    /// <summary>Counts on from where the client is, and restarts after three numbers.</summary>
    private static async Task TellThreeAsync(WebSocketConnection connection)
    {
        int last = int.Parse((await connection.ReceiveAsync()).ToString()["after ".Length..]);
        for (int i = 1; i <= 3; i++) await connection.SendTextAsync($"{last + i}");
        await connection.CloseAsync(CloseCode.ServiceRestart, "restart");
    }
}
