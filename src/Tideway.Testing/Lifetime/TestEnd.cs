namespace Tideway.Testing.Lifetime;

/// <summary>What is to be told of a test that has ended. Immutable.</summary>
/// <param name="TestId">Which test.</param>
/// <param name="Problems">What it has to fail for.</param>
/// <param name="Log">What the service logged meanwhile, and more to print if it fails.</param>
internal sealed record TestEnd(string TestId, IReadOnlyList<string> Problems, string Log);
