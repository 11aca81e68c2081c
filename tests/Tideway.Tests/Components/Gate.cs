namespace Tideway.Tests.Components;

/// <summary>Lets one piece of code wait for another: opened once, passed by any number.</summary>
internal sealed class Gate
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);

    private readonly TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public bool IsOpen => _opened.Task.IsCompleted;

    public void Open() => _opened.TrySetResult();

    /// <summary>Waits until the gate is open; fails the test if that never happens.</summary>
    public Task PassAsync() => _opened.Task.WaitAsync(_patience);

    /// <summary>Waits as <see cref="PassAsync"/> does, in code that cannot await.</summary>
    public void Pass() => PassAsync().GetAwaiter().GetResult();
}
