namespace Tideway.Testing.Lifetime;

/// <summary>Something that a test opens and has to dispose of: else it fails, as if it had leaked memory.</summary>
internal interface ITestResource : IAsyncDisposable
{
    /// <summary>What it is, in the words of a failure.</summary>
    public string Description { get; }

    /// <summary>Ends it at once.</summary>
    public void Abort();
}
