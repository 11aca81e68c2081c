using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging.Abstractions;
using Tideway.Server;

namespace Tideway.Tests.Server;

public sealed class ConnectionLimitTests
{
    private readonly ConnectionLimit _limit = new(1, NullLogger.Instance);

    [Fact]
    public async Task A_connection_that_is_served_to_its_end_counts_no_more()
    {
        for (int i = 0; i < 3; i++) Assert.True(await IsServedAsync());
        Assert.Equal(0, _limit.Refusals);
    }

    [Fact]
    public async Task A_connection_that_the_web_server_forgot_counts_no_more()
    {
        ServeForEver();
        Assert.False(await IsServedAsync());

        GC.Collect();
        GC.WaitForPendingFinalizers();
        Assert.True(await IsServedAsync());
    }

    /// <summary>Apart, so that nothing on the stack of the test keeps what it leaves.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void ServeForEver() =>
        _ = _limit.Apply(_ => new TaskCompletionSource().Task)(new DefaultConnectionContext());

    private async Task<bool> IsServedAsync()
    {
        bool isServed = false;
        await _limit.Apply(_ =>
        {
            isServed = true;
            return Task.CompletedTask;
        })(new DefaultConnectionContext());
        return isServed;
    }
}
