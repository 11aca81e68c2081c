namespace Tideway.WebSockets.Engine;

/// <summary>The limits of a listener. Set them before it starts.</summary>
public sealed class LoopListenerOptions
{
    /// <summary>How many connections may wait to be accepted.</summary>
    /// <remarks>Defaults to 1024.</remarks>
    public int Backlog { get; init; } = 1024;

    /// <summary>How many connections may be open at once; more are closed as they come.</summary>
    /// <remarks>Defaults to no limit.</remarks>
    public int MaxConnections { get; init; } = int.MaxValue;

    /// <summary>Is called, on the loop, for each connection beyond <see cref="MaxConnections"/>.</summary>
    public Action? OnRefused { get; init; }

    /// <summary>Is called, on the loop, each time accepting pauses because descriptors or memory ran out.</summary>
    public Action? OnExhausted { get; init; }
}
