namespace Tideway.Testing;

/// <summary>Fails a test for what it did not look at itself: what it left open, what the service did wrong on the
/// wire, what a mock was asked in vain.</summary>
public sealed class ServiceTestException : Exception
{
    internal ServiceTestException(IReadOnlyList<string> problems)
        : base(string.Join('\n', problems)) => Problems = problems;

    /// <summary>Everything for which the test failed.</summary>
    public IReadOnlyList<string> Problems { get; }
}
