using ProbeService;

namespace Tideway.Testing.Tests.Lifetime;

/// <summary>One service for two classes whose tests run at once, which has to be refused.</summary>
internal static class SharedFixture
{
    private static readonly Lazy<Task<ServiceFixture<Probe>>> _service = new(() => ServiceFixture<Probe>.StartAsync());
    private static readonly Barrier _both = new(2);
    private static int _users = 2;

    /// <summary>Uses the service while the other class does.</summary>
    public static async Task UseAsync()
    {
        ServiceFixture<Probe> service = await _service.Value;
        await Task.Run(() => _both.SignalAndWait(TimeSpan.FromSeconds(60)));
        try
        {
            await using var chat = await service.WebSocketClient.ConnectAsync("/chat");
            await Task.Run(() => _both.SignalAndWait(TimeSpan.FromSeconds(2)));
        }
        finally
        {
            if (Interlocked.Decrement(ref _users) == 0) await service.DisposeAsync();
        }
    }
}
