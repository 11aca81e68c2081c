namespace Tideway.Testsuite;

/// <summary>What a functional test can have updated, so that it need not wait for the next update.</summary>
/// <remarks>Safe from any thread.</remarks>
public sealed class TestsuiteCaches
{
    private readonly List<Cache> _caches = [];
    private readonly SemaphoreSlim _updating = new(1);

    /// <summary>Registers a cache.</summary>
    /// <param name="name">The name that tests use. Several may have it; all of them are updated then.</param>
    /// <param name="update">Updates it, and ends when the new state is in use.</param>
    /// <returns>Ends the registration when it is disposed.</returns>
    public IDisposable Register(string name, Func<CacheUpdate, CancellationToken, Task> update)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(update);
        var cache = new Cache(this, name, update);
        lock (_caches) _caches.Add(cache);
        return cache;
    }

    /// <summary>Updates caches one after the other, in the order in which they were registered: a later one may read an
    /// earlier one.</summary>
    /// <param name="update">How.</param>
    /// <param name="names">Which; null for all.</param>
    /// <param name="excluded">Which of them not.</param>
    /// <param name="incremental">Which of them incrementally in any case.</param>
    /// <param name="cancellationToken">Calls it off.</param>
    /// <exception cref="InvalidOperationException">There is no cache of a name; none was updated.</exception>
    internal async Task UpdateAsync(
        CacheUpdate update,
        IReadOnlyCollection<string>? names,
        IReadOnlyCollection<string> excluded,
        IReadOnlyCollection<string> incremental,
        CancellationToken cancellationToken)
    {
        await _updating.WaitAsync(cancellationToken);
        try
        {
            Cache[] caches;
            lock (_caches) caches = [.. _caches];
            string[] known = [.. caches.Select(cache => cache.Name).Distinct()];
            string[] unknown = [.. (names ?? []).Except(known)];
            if (unknown.Length > 0)
            {
                throw new InvalidOperationException(
                    $"there is no cache {Quote(unknown)}; those of this service are {Quote(known)}");
            }

            foreach (Cache cache in caches)
            {
                if (names?.Contains(cache.Name) == false || excluded.Contains(cache.Name)) continue;
                await cache.Update(
                    incremental.Contains(cache.Name) ? CacheUpdate.Incremental : update, cancellationToken);
            }
        }
        finally
        {
            _updating.Release();
        }
    }

    private static string Quote(string[] names) =>
        names.Length == 0 ? "none" : string.Join(", ", names.Select(name => $"'{name}'"));

    private sealed class Cache(
        TestsuiteCaches owner, string name, Func<CacheUpdate, CancellationToken, Task> update) : IDisposable
    {
        public string Name => name;

        public Func<CacheUpdate, CancellationToken, Task> Update => update;

        public void Dispose()
        {
            lock (owner._caches) owner._caches.Remove(this);
        }
    }
}
