using ProbeService;

namespace Tideway.Testing.Tests.Lifetime;

/// <summary>Tests that take longer than they may, each behind the other.</summary>
public sealed class BrokenTimeoutTests(ServiceFixture<Probe> service) : IClassFixture<ServiceFixture<Probe>>
{
    [Theory(Explicit = true, Timeout = 3000)]
    [InlineData(11)]
    [InlineData(22)]
    public async Task Waits_for_what_never_comes(int length)
    {
        await using var chat = await service.WebSocketClient.ConnectAsync("/chat");
        await chat.SendAsync(new string('x', length));
        await chat.ReceiveTextAsync();
        await chat.ReceiveTextAsync();
    }

    [Theory(Explicit = true, Timeout = 3000)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Goes_on_for_ever(int time)
    {
        while (true)
        {
            await service.ServiceClient.GetAsync($"/probe?what=time&time={time}");
            await Task.Yield();
        }
    }
}
