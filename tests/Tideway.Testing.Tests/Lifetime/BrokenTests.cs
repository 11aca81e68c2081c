using ProbeService;
using Tideway.Testing.Hosting;

namespace Tideway.Testing.Tests.Lifetime;

/// <summary>Tests that have to fail, and how is what <see cref="EndOfTestTests"/> looks at: it runs them.</summary>
public sealed class BrokenTests(BrokenTests.Fixture service) : IClassFixture<BrokenTests.Fixture>
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

    public sealed class Fixture : ServiceFixture<Probe>
    {
        protected override void Configure(ServiceSetup setup) =>
            setup.Environment["UPSTREAM_URL"] = setup.MockServer.Url.ToString().TrimEnd('/');
    }
}
