using Tideway.Testing;
using Xunit;

public sealed class ChaosTests(ServiceFixture<ChatService> service) : IClassFixture<ServiceFixture<ChatService>>
{
    // snippet: gate
    [Fact]
    public async Task Messages_survive_a_network_that_cuts_them_anywhere()
    {
        await using var gate = service.Gate(gate => gate.CutFrames().SplitBytes(most: 20));
        await using var chat = await gate.WebSocketClient.ConnectAsync("/chat");
        for (int length = 0; length < 200; length += 7)
        {
            await chat.SendAsync(new string('x', length));
            Assert.Equal(length, (await chat.ReceiveTextAsync()).Length);
        }
    }
    // end
}
