using ProbeService;
using Tideway.Testing.WebSockets;

namespace Tideway.Testing.Tests.Lifetime;

/// <summary>What a class opens before its test it may keep until it is disposed of.</summary>
public sealed class ClassResourceTests(ServiceFixture<Probe> service)
    : IClassFixture<ServiceFixture<Probe>>, IAsyncLifetime
{
    private StrictWebSocket _chat = null!;

    public async ValueTask InitializeAsync() => _chat = await service.WebSocketClient.ConnectAsync("/chat");

    public ValueTask DisposeAsync() => _chat.DisposeAsync();

    [Theory]
    [InlineData("one")]
    [InlineData("two")]
    public async Task A_test_uses_it(string text)
    {
        await _chat.SendAsync(text);
        Assert.Equal(text, await _chat.ReceiveTextAsync());
    }
}
