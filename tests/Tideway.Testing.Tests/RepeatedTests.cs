namespace Tideway.Testing.Tests;

/// <summary>The echo, 200 times in a row on a busy machine: it never flakes, and it does not wait.</summary>
public abstract class RepeatedTests(RepeatedFixture service)
{
    public static TheoryData<int> Times { get; } = [.. Enumerable.Range(1, 200)];

    [Theory]
    [MemberData(nameof(Times))]
    public async Task Echo(int time)
    {
        service.Tick();
        await using var chat = await service.WebSocketClient.ConnectAsync("/chat");
        await chat.SendAsync($"hello {time}");
        Assert.Equal($"hello {time}", await chat.ReceiveTextAsync());
    }
}
