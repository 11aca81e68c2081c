using System.ComponentModel;
using Tideway.Components;
using Tideway.Configuration;

namespace Tideway.Compatibility;

/// <summary>Describes the <c>dns-client</c> section, which is accepted without effect.</summary>
public sealed record DnsClientConfig : ComponentConfig
{
    private const string System = "names are resolved as the system does it";

    /// <summary>The task processor for files.</summary>
    /// <remarks>Defaults to null.</remarks>
    [NoEffect(System), Description("The task processor for files.")]
    public string? FsTaskProcessor { get; init; }

    /// <summary>The file of hosts.</summary>
    /// <remarks>Defaults to null.</remarks>
    [NoEffect(System), Description("The file of hosts.")]
    public string? HostsFilePath { get; init; }

    /// <summary>How often that file is read.</summary>
    /// <remarks>Defaults to null.</remarks>
    [NoEffect(System), Description("How often that file is read.")]
    public TimeSpan? HostsFileUpdateInterval { get; init; }

    /// <summary>How long a server may take.</summary>
    /// <remarks>Defaults to null.</remarks>
    [NoEffect(System), Description("How long a server may take.")]
    public TimeSpan? NetworkTimeout { get; init; }

    /// <summary>How often a server is asked.</summary>
    /// <remarks>Defaults to null.</remarks>
    [NoEffect(System), Description("How often a server is asked.")]
    public int? NetworkAttempts { get; init; }

    /// <summary>The servers.</summary>
    /// <remarks>Defaults to an empty list.</remarks>
    [NoEffect(System), Description("The servers.")]
    public IReadOnlyList<string> NetworkCustomServers { get; init; } = [];

    /// <summary>The number of parts of the cache.</summary>
    /// <remarks>Defaults to null.</remarks>
    [NoEffect(System), Description("The number of parts of the cache.")]
    public int? CacheWays { get; init; }

    /// <summary>The size of each.</summary>
    /// <remarks>Defaults to null.</remarks>
    [NoEffect(System), Description("The size of each.")]
    public int? CacheSizePerWay { get; init; }

    /// <summary>How long answers are kept at most.</summary>
    /// <remarks>Defaults to null.</remarks>
    [NoEffect(System), Description("How long answers are kept at most.")]
    public TimeSpan? CacheMaxReplyTtl { get; init; }

    /// <summary>How long failures are kept.</summary>
    /// <remarks>Defaults to null.</remarks>
    [NoEffect(System), Description("How long failures are kept.")]
    public TimeSpan? CacheFailureTtl { get; init; }
}

/// <summary>Accepts the <c>dns-client</c> section, which belongs to <c>http-client</c>.</summary>
/// <param name="config">Its options.</param>
public sealed class DnsClientComponent(DnsClientConfig config) : INamedComponent
{
    /// <inheritdoc/>
    public static string ComponentName => "dns-client";

    /// <summary>The options as they were given.</summary>
    public DnsClientConfig Config => config;
}
