namespace Tideway.Testsuite;

/// <summary>Says in which order a test's caches are updated.</summary>
public enum CacheUpdateExecution
{
    /// <summary>Those that do not depend on each other at the same time.</summary>
    Concurrent,

    /// <summary>One after the other.</summary>
    Sequential,
}
