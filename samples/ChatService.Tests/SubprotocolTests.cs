using Tideway.Testing.WebSockets;
using Xunit;

public sealed class SubprotocolTests(SubprotocolFixture service) : IClassFixture<SubprotocolFixture>
{
    [Fact]
    public async Task The_subprotocol_that_the_service_prefers_is_chosen()
    {
        await using var chat = await service.WebSocketClient.ConnectAsync(
            "/chat", new StrictWebSocketOptions { Subprotocols = ["v1.chat", "v2.chat", "other"] });
        Assert.Equal("v2.chat", chat.Subprotocol);
    }

    [Fact]
    public async Task A_client_without_one_is_refused()
    {
        HandshakeRefusedException refusal = await Assert.ThrowsAsync<HandshakeRefusedException>(
            () => service.WebSocketClient.ConnectAsync("/chat"));
        Assert.Equal(400, refusal.Status);
    }
}
