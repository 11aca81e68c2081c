using ProbeService;

namespace Tideway.Testing.Tests;

/// <summary>The whole of a functional test.</summary>
public sealed class EchoTests(ServiceFixture<Probe> service) : IClassFixture<ServiceFixture<Probe>>
{
    [Fact]
    public async Task Echo()
    {
        await using var chat = await service.WebSocketClient.ConnectAsync("/chat");
        await chat.SendAsync("hello");
        Assert.Equal("hello", await chat.ReceiveTextAsync());
    }

    [Fact]
    public async Task The_service_is_in_the_process_of_its_tests()
    {
        await using var own = await ServiceFixture<Probe>.StartAsync(setup => setup.RunsAsProcess = false);
        Assert.Equal(Environment.ProcessId.ToString(), await own.ServiceClient.GetStringAsync("/probe?what=process"));
    }
}
