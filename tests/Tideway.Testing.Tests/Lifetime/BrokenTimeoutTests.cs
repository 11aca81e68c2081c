using ProbeService;

namespace Tideway.Testing.Tests.Lifetime;

/// <summary>Tests that take longer than they may, each behind the other.</summary>
public sealed class BrokenTimeoutTests(ServiceFixture<Probe> service) : IClassFixture<ServiceFixture<Probe>>
{
    /// <summary>Milliseconds, in which a test has to have begun where others keep the threads.</summary>
    private const int Time = 15_000;

    [Theory(Explicit = true, Timeout = Time)]
    [InlineData(11)]
    [InlineData(22)]
    public async Task Waits_for_what_never_comes(int length)
    {
        await using var chat = await service.WebSocketClient.ConnectAsync("/chat");
        await chat.SendAsync(new string('x', length));
        await chat.ReceiveTextAsync();
        await chat.ReceiveTextAsync();
    }

    [Fact(Explicit = true, Timeout = Time)]
    public async Task Goes_on_for_ever()
    {
        while (true) await service.ServiceClient.GetAsync("/probe?what=time");
    }
}
