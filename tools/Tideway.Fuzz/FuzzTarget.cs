namespace Tideway.Fuzz;

/// <summary>Gives any bytes to the code under test, and throws when it does not do what is right for them.</summary>
internal delegate void FuzzBody(ReadOnlySpan<byte> input);

/// <summary>One thing to fuzz. Immutable.</summary>
/// <param name="Name">Its name on the command line and in the folders.</param>
/// <param name="Run">The code under test, with the check of what it did. Deterministic, on one thread.</param>
/// <param name="Words">Bytes that mean something to it, which chance would not find soon.</param>
internal sealed record FuzzTarget(string Name, FuzzBody Run, IReadOnlyList<byte[]> Words);
