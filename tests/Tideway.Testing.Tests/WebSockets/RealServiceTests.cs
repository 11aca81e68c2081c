using ProbeService;
using Tideway.Testing.Hosting;
using Tideway.Testing.WebSockets;
using Tideway.Testing.Wire;

namespace Tideway.Testing.Tests.WebSockets;

/// <summary>The strict client with the service it is made for.</summary>
public sealed class RealServiceTests(RealServiceTests.Fixture service) : IClassFixture<RealServiceTests.Fixture>
{
    [Fact]
    public async Task Compression_subprotocol_and_fragments_are_seen()
    {
        await using var chat = await service.WebSocketClient.ConnectAsync(
            "/chat", new StrictWebSocketOptions { Compression = true, Subprotocols = ["v9", "v1"] });
        Assert.Equal("v1", chat.Subprotocol);
        string text = string.Concat(Enumerable.Range(0, 150).Select(i => $"{i:000}-"));
        for (int i = 0; i < 3; i++)
        {
            await chat.SendAsync(text);
            WireMessage message = await chat.ReceiveAsync();
            Assert.Equal(text, message.Text);
            Assert.True(message.IsCompressed);
        }

        Assert.Contains(chat.Frames, frame => frame is { Opcode: Frame.TextOpcode, Reserved: 4 });
        await chat.PingAsync();
        Assert.Equal(4321, (await chat.CloseAsync(4321, "done")).Code);
    }

    [Fact]
    public async Task Illegal_frames_can_be_sent_to_see_what_the_service_makes_of_them()
    {
        await using var chat = await service.WebSocketClient.ConnectAsync("/chat");
        await chat.SendFramesAsync(Frame.Text("half").Unfinished(), Frame.Text("another"));
        Assert.Equal(1002, (await chat.ReceiveCloseAsync()).Code);
    }

    [Fact]
    public async Task A_handshake_that_the_service_refuses_is_told()
    {
        HandshakeRefusedException refusal = await Assert.ThrowsAsync<HandshakeRefusedException>(
            () => service.WebSocketClient.ConnectAsync(
                "/chat",
                new StrictWebSocketOptions
                {
                    Headers = new Dictionary<string, string> { ["Origin"] = "http://elsewhere.example" },
                }));
        Assert.Equal(403, refusal.Status);
    }

    [Fact]
    public async Task Many_clients_talk_at_once()
    {
        await Task.WhenAll(Enumerable.Range(0, 50).Select(async number =>
        {
            await using var chat = await service.WebSocketClient.ConnectAsync("/chat");
            for (int i = 0; i < 20; i++) await chat.SendAsync($"{number}/{i}");
            for (int i = 0; i < 20; i++) Assert.Equal($"{number}/{i}", await chat.ReceiveTextAsync());
        }));
    }

    public sealed class Fixture : ServiceFixture<Probe>
    {
        protected override void Configure(ServiceSetup setup)
        {
            var chat = setup.Component("chat-handler");
            chat["compression"] = "shared";
            chat["subprotocols"] = new System.Text.Json.Nodes.JsonArray("v1", "v2");
            chat["allowed-origins"] = new System.Text.Json.Nodes.JsonArray("http://here.example");
        }
    }
}
