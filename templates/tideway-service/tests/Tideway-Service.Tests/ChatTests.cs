using Tideway.Testing;

namespace Tideway_Service.Tests;

/// <summary>The service as its clients see it, started from its own static config.</summary>
public sealed class ChatTests(ServiceFixture<ChatService> service) : IClassFixture<ServiceFixture<ChatService>>
{
    [Fact]
    public async Task A_client_is_greeted_and_gets_back_what_it_says()
    {
        await using var chat = await service.WebSocketClient.ConnectAsync("/chat");
        Assert.Equal("Welcome!", await chat.ReceiveTextAsync());
        await chat.SendAsync("hello");
        Assert.Equal("hello", await chat.ReceiveTextAsync());
    }

    [Fact]
    public async Task The_greeting_changes_while_the_service_runs()
    {
        await service.DynamicConfig.SetAsync("CHAT_GREETING", "Good evening!");
        await using var chat = await service.WebSocketClient.ConnectAsync("/chat");
        Assert.Equal("Good evening!", await chat.ReceiveTextAsync());
    }

    [Fact]
    public async Task A_message_that_is_too_large_closes_its_connection()
    {
        await using var chat = await service.WebSocketClient.ConnectAsync("/chat");
        await chat.SendAsync(new string('x', 65_537));
        Assert.Equal(1009, (await chat.ReceiveCloseAsync()).Code);
    }
}
