namespace Tideway.Components;

/// <summary>Waits for tasks that may never end.</summary>
internal static class TaskExtensions
{
    /// <summary>How long a step that begins after the deadline is waited for: a late stop is still orderly.</summary>
    private static readonly TimeSpan _grace = TimeSpan.FromSeconds(1);

    /// <summary>Waits for a step until a deadline, or for a second if the deadline has passed already.</summary>
    /// <returns>Whether the step ended, be it well or badly.</returns>
    public static async Task<bool> EndsInTimeAsync(
        this Task step, TimeProvider timeProvider, CancellationToken deadline)
    {
        Task inTime = deadline.IsCancellationRequested
            ? step.WaitAsync(_grace, timeProvider, CancellationToken.None)
            : step.WaitAsync(deadline);
        await inTime.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return step.IsCompleted;
    }
}
