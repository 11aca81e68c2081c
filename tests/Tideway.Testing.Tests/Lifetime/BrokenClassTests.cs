using ProbeService;
using Tideway.Testing.WebSockets;

namespace Tideway.Testing.Tests.Lifetime;

/// <summary>A class that never disposes of what it opened for its tests, and has to fail for it.</summary>
public sealed class BrokenClassTests(ServiceFixture<Probe> service)
    : IClassFixture<ServiceFixture<Probe>>, IAsyncLifetime
{
    private StrictWebSocket _chat = null!;

    public async ValueTask InitializeAsync() => _chat = await service.WebSocketClient.ConnectAsync("/chat");

    public ValueTask DisposeAsync() => default;

    [Fact(Explicit = true)]
    public async Task Uses_what_its_class_leaves_open()
    {
        await _chat.SendAsync("hello");
        await _chat.ReceiveTextAsync();
    }
}
