using Tideway.WebSockets.Connections;

namespace Tideway.WebSockets.Client;

/// <summary>Says why, and when, a client connects again. Immutable.</summary>
/// <param name="Cause">The end before: a <see cref="ConnectionFailedException"/> or a
/// <see cref="ConnectionClosedException"/>.</param>
/// <param name="Failures">How many ends there were in a row, this one included.</param>
/// <param name="Delay">How long it waits from now on.</param>
public sealed record Reconnecting(IOException Cause, int Failures, TimeSpan Delay);
