namespace Tideway.DynamicConfig;

/// <summary>Brings values while the service runs.</summary>
internal interface IValueFeed : IAsyncDisposable
{
    /// <summary>Brings the first values.</summary>
    /// <returns>Why there are none, or why they were refused; null when they were taken.</returns>
    public Task<string?> BringFirstAsync(CancellationToken cancellationToken);

    /// <summary>Goes on bringing values until it is disposed.</summary>
    public void Start();
}
