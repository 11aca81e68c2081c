namespace Tideway.WebSockets.Engine;

/// <summary>Says which loop does not get on, and what keeps it. Immutable.</summary>
/// <param name="Loop">The loop.</param>
/// <param name="What">Who runs there: a connection with its handler, or a method of the application.</param>
/// <param name="Time">For how long at least.</param>
public sealed record BlockedLoop(EventLoop Loop, string What, TimeSpan Time);
