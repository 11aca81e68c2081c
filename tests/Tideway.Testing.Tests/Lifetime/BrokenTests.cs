namespace Tideway.Testing.Tests.Lifetime;

/// <summary>Tests that have to fail, and how is what <see cref="EndOfTestTests"/> looks at: it runs them.</summary>
public sealed class BrokenTests(ProbeFixture service) : IClassFixture<ProbeFixture>
{
    [Fact(Explicit = true)]
    public async Task Leaves_a_WebSocket_open()
    {
        var chat = await service.WebSocketClient.ConnectAsync("/chat");
        await chat.SendAsync("hello");
        await chat.ReceiveTextAsync();
    }

    [Fact(Explicit = true)]
    public Task Leaves_a_gate_open()
    {
        service.Gate(gate => gate.Seed = 4711);
        return Task.CompletedTask;
    }

    [Fact(Explicit = true)]
    public async Task Asks_a_mock_in_vain() => await service.ServiceClient.GetAsync("/probe?what=upstream");

    [Fact(Explicit = true)]
    public async Task Has_a_mock_that_fails()
    {
        service.MockServer.Handle("/orders/*", (_, _) => throw new NotSupportedException("not this one"));
        await service.ServiceClient.GetAsync("/probe?what=upstream");
    }

    [Fact(Explicit = true)]
    public async Task Fails_through_a_gate()
    {
        await using var gate = service.Gate(gate => gate.Seed = 1234);
        await using var chat = await gate.WebSocketClient.ConnectAsync("/chat");
        Assert.Fail("on purpose");
    }

    [Theory(Explicit = true)]
    [InlineData(11)]
    [InlineData(22)]
    public async Task Fails_and_prints_its_log(int length)
    {
        await using var chat = await service.WebSocketClient.ConnectAsync("/chat");
        await chat.SendAsync(new string('x', length));
        await chat.ReceiveTextAsync();
        Assert.Fail("on purpose");
    }

    [Fact(Explicit = true)]
    public async Task Leaves_a_handler_running()
    {
        await using (var chat = await service.WebSocketClient.ConnectAsync("/stubborn"))
            Assert.Equal("held", await chat.ReceiveTextAsync());
    }

    [Fact(Explicit = true)]
    public async Task Has_an_assertion_that_fails_at_a_testpoint()
    {
        await service.Testpoints.SubscribeAsync("message-received", data =>
        {
            Assert.Equal("another", data!["text"]!.GetValue<string>());
            return null;
        });
        await using var chat = await service.WebSocketClient.ConnectAsync("/chat");
        await chat.SendAsync("hello");
        await chat.ReceiveCloseAsync();
    }

    [Fact(Explicit = true)]
    public async Task Does_not_look_at_a_failure_of_the_service()
    {
        await service.Testpoints.FailAsync("message-received");
        await using var chat = await service.WebSocketClient.ConnectAsync("/chat");
        await chat.SendAsync("hello");
        await service.MonitorClient.WaitAsync("tideway.websocket.handlers.failed", 1, ("handler", "chat-handler"));
    }
}
