namespace Tideway.DynamicConfig;

/// <summary>Brings values while the service runs.</summary>
internal interface IValueFeed : IAsyncDisposable
{
    /// <summary>What functional tests call the feed.</summary>
    public string Name { get; }

    /// <summary>Brings values now: the first, or those that a test wants.</summary>
    /// <param name="all">Whether all values are brought, not only changes.</param>
    /// <param name="cancellationToken">Calls it off.</param>
    /// <returns>Why there are none, or why they were refused; null when they were taken.</returns>
    public Task<string?> BringAsync(bool all, CancellationToken cancellationToken);

    /// <summary>Goes on bringing values until it is disposed.</summary>
    public void Start();
}
