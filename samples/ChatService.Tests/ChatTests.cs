// snippet: usings
using Tideway.Testing;
using Xunit;
// end

// snippet: echo
public sealed class ChatTests(ServiceFixture<ChatService> service) : IClassFixture<ServiceFixture<ChatService>>
{
    [Fact]
    public async Task Echo()
    {
        await using var chat = await service.WebSocketClient.ConnectAsync("/chat");
        await chat.SendAsync("hello");
        Assert.Equal("hello", await chat.ReceiveTextAsync());
    }
}
// end
