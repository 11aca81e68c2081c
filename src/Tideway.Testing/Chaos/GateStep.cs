namespace Tideway.Testing.Chaos;

/// <summary>One thing that a gate does to the bytes of one direction of a connection.</summary>
/// <param name="input">The pieces in which the bytes come.</param>
/// <param name="random">The chance of this direction of this connection.</param>
/// <param name="end">Is cancelled with the gate: whatever waits gives up.</param>
/// <returns>The pieces in which they go on.</returns>
internal delegate IAsyncEnumerable<ReadOnlyMemory<byte>> GateStep(
    IAsyncEnumerable<ReadOnlyMemory<byte>> input, Random random, CancellationToken end);
