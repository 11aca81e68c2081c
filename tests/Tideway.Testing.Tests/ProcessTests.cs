using ProbeService;

namespace Tideway.Testing.Tests;

/// <summary>The same, with the service in a process of its own.</summary>
public sealed class ProcessTests(ProbeProcessFixture service) : IClassFixture<ProbeProcessFixture>
{
    [Fact]
    public async Task Echo()
    {
        await using var chat = await service.WebSocketClient.ConnectAsync("/chat");
        await chat.SendAsync("hello");
        Assert.Equal("hello", await chat.ReceiveTextAsync());
    }

    [Fact]
    public async Task The_service_has_its_own_process_and_environment()
    {
        Assert.NotEqual(
            Environment.ProcessId.ToString(), await service.ServiceClient.GetStringAsync("/probe?what=process"));
        Assert.Equal("good day", await service.ServiceClient.GetStringAsync("/probe?what=greeting"));
    }

    [Fact]
    public async Task A_stop_closes_with_1001_and_exits_with_0()
    {
        await using var own = await ServiceFixture<Probe>.StartAsync(setup => setup.RunsAsProcess = true);
        await using var chat = await own.WebSocketClient.ConnectAsync("/chat");
        Task<int> stopping = own.StopAsync();
        Assert.Equal(1001, (await chat.ReceiveCloseAsync()).Code);
        Assert.Equal(0, await stopping);
    }
}
