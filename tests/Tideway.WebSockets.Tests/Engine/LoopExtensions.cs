using Tideway.WebSockets.Engine;

namespace Tideway.WebSockets.Tests.Engine;

internal static class LoopExtensions
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);

    /// <summary>Runs an action on the loop, and waits for it.</summary>
    public static Task RunAsync(this EventLoop loop, Action action) => loop.RunAsync(() =>
    {
        action();
        return true;
    });

    /// <summary>Runs a function on the loop, and waits for its result.</summary>
    public static Task<T> RunAsync<T>(this EventLoop loop, Func<T> function)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        loop.Post(
            _ =>
            {
                try
                {
                    done.SetResult(function());
                }
                catch (Exception exception)
                {
                    done.SetException(exception);
                }
            },
            null);
        return done.Task.WaitAsync(_patience);
    }

    /// <summary>Waits until a condition holds that nothing signals.</summary>
    public static async Task UntilAsync(Func<bool> condition)
    {
        using var patience = new CancellationTokenSource(_patience);
        while (!condition()) await Task.Delay(1, patience.Token);
    }
}
