namespace Tideway.Testing.Hosting;

/// <summary>A service that has started, in this process or in one of its own.</summary>
internal abstract class RunningService : IAsyncDisposable
{
    /// <summary>Where it listens: <c>http://127.0.0.1:8080</c>, say; null for nowhere.</summary>
    public abstract string? Address { get; }

    /// <summary>Where it listens for monitor requests; null for nowhere.</summary>
    public abstract string? MonitorAddress { get; }

    /// <summary>What became of it, should it have ended by itself; null while it runs.</summary>
    public abstract string? Death { get; }

    /// <summary>Waits until it has ended by itself, if it is about to.</summary>
    /// <returns>What became of it; null if it runs on.</returns>
    public abstract Task<string?> WaitForDeathAsync(TimeSpan time);

    /// <summary>Stops it as its operator does.</summary>
    /// <returns>The exit code.</returns>
    public abstract Task<int> StopAsync();

    public abstract ValueTask DisposeAsync();
}
