using System.ComponentModel;
using Tideway.Components;
using Tideway.Configuration;

namespace Tideway.Testsuite;

/// <summary>Describes the <c>testsuite-support</c> section: what a service does otherwise under a functional
/// test.</summary>
public sealed record TestsuiteSupportConfig : ComponentConfig
{
    private const string NoDatabases = "the framework has no client of this kind";
    private const string NoDumps = "caches are not dumped";

    /// <summary>Whether values of the dynamic config are asked for periodically.</summary>
    /// <remarks>Defaults to true. Tests say when, with <c>invalidate_caches</c>.</remarks>
    [Description("Updates caches and the dynamic config periodically; otherwise only when a test says so.")]
    public bool TestsuitePeriodicUpdateEnabled { get; init; } = true;

    /// <summary>Whether tests start the tasks that components register for them.</summary>
    /// <remarks>Defaults to false.</remarks>
    [Description("Lets tests start the tasks that components register for them.")]
    public bool TestsuiteTasksEnabled { get; init; }

    /// <summary>Whether caches are dumped periodically.</summary>
    /// <remarks>Defaults to true.</remarks>
    [NoEffect(NoDumps), Description("Dumps caches periodically.")]
    public bool TestsuitePeriodicDumpsEnabled { get; init; } = true;

    /// <summary>A time-out in place of those that a test may be too slow for.</summary>
    /// <remarks>Defaults to zero: none.</remarks>
    [NoEffect("tests move the clock of time-outs"), Description("A longer time-out for slow tests.")]
    public TimeSpan TestsuiteIncreasedTimeout { get; init; }

    /// <summary>The order in which caches are updated.</summary>
    /// <remarks>Defaults to <see cref="Testsuite.CacheUpdateExecution.Concurrent"/>.</remarks>
    [NoEffect("caches are updated one after the other, in the order of their registration")]
    [Description("The order in which caches are updated.")]
    public CacheUpdateExecution CacheUpdateExecution { get; init; }

    /// <summary>The time-out of a database's transactions.</summary>
    /// <remarks>Defaults to null.</remarks>
    [NoEffect(NoDatabases), Description("The time-out of PostgreSQL transactions.")]
    public TimeSpan? TestsuitePgExecuteTimeout { get; init; }

    /// <summary>The time-out of a database's statements.</summary>
    /// <remarks>Defaults to null.</remarks>
    [NoEffect(NoDatabases), Description("The time-out of PostgreSQL statements.")]
    public TimeSpan? TestsuitePgStatementTimeout { get; init; }

    /// <summary>Whether a database's master may be read-only.</summary>
    /// <remarks>Defaults to false.</remarks>
    [NoEffect(NoDatabases), Description("Takes a read-only PostgreSQL master.")]
    public bool TestsuitePgReadonlyMasterExpected { get; init; }

    /// <summary>The time-out of connecting to Redis.</summary>
    /// <remarks>Defaults to null.</remarks>
    [NoEffect(NoDatabases), Description("The time-out of connecting to Redis.")]
    public TimeSpan? TestsuiteRedisTimeoutConnect { get; init; }

    /// <summary>The time-out of one request to Redis.</summary>
    /// <remarks>Defaults to null.</remarks>
    [NoEffect(NoDatabases), Description("The time-out of one request to Redis.")]
    public TimeSpan? TestsuiteRedisTimeoutSingle { get; init; }

    /// <summary>The time-out of all tries of a request to Redis.</summary>
    /// <remarks>Defaults to null.</remarks>
    [NoEffect(NoDatabases), Description("The time-out of all tries of a request to Redis.")]
    public TimeSpan? TestsuiteRedisTimeoutAll { get; init; }

    /// <summary>Whether gRPC uses TLS.</summary>
    /// <remarks>Defaults to false.</remarks>
    [NoEffect(NoDatabases), Description("Uses TLS for gRPC.")]
    public bool TestsuiteGrpcIsTlsEnabled { get; init; }

    /// <summary>The time-out of gRPC requests.</summary>
    /// <remarks>Defaults to null.</remarks>
    [NoEffect(NoDatabases), Description("The time-out of gRPC requests.")]
    public ConfigNode? TestsuiteGrpcClientTimeoutMs { get; init; }
}
