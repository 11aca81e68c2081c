namespace Tideway.Testsuite;

/// <summary>Says how a test wants a cache to be updated.</summary>
public enum CacheUpdate
{
    /// <summary>All of it anew.</summary>
    Full,

    /// <summary>What has changed since the last update, where the cache can do so.</summary>
    Incremental,
}
