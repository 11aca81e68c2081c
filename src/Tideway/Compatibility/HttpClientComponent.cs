using System.ComponentModel;
using Tideway.Components;
using Tideway.Configuration;

namespace Tideway.Compatibility;

/// <summary>Describes the <c>http-client</c> section, which is accepted without effect.</summary>
public sealed record HttpClientConfig : ComponentConfig
{
    private const string Own = "services use HttpClient; testpoints and the config service have clients of their own";

    /// <summary>The task processor for files.</summary>
    /// <remarks>Defaults to null.</remarks>
    [NoEffect(Own), Description("The task processor for files.")]
    public string? FsTaskProcessor { get; init; }

    /// <summary>The <c>User-Agent</c> of requests.</summary>
    /// <remarks>Defaults to null.</remarks>
    [NoEffect(Own), Description("The User-Agent of requests.")]
    public string? UserAgent { get; init; }

    /// <summary>The number of threads.</summary>
    /// <remarks>Defaults to null.</remarks>
    [NoEffect(Own), Description("The number of threads.")]
    public int? Threads { get; init; }

    /// <summary>The name of the threads.</summary>
    /// <remarks>Defaults to null.</remarks>
    [NoEffect(Own), Description("The name of the threads.")]
    public string? ThreadNamePrefix { get; init; }

    /// <summary>Whether connections are not counted.</summary>
    /// <remarks>Defaults to null.</remarks>
    [NoEffect(Own), Description("Does not count connections.")]
    public bool? PoolStatisticsDisable { get; init; }

    /// <summary>For how many destinations there are metrics.</summary>
    /// <remarks>Defaults to null.</remarks>
    [NoEffect(Own), Description("For how many destinations there are metrics.")]
    public int? DestinationMetricsAutoMaxSize { get; init; }

    /// <summary>The proxy until the dynamic config is there.</summary>
    /// <remarks>Defaults to null.</remarks>
    [NoEffect(Own), Description("The proxy until the dynamic config is there.")]
    public string? BootstrapHttpProxy { get; init; }

    /// <summary>Whether requests carry deadlines.</summary>
    /// <remarks>Defaults to null.</remarks>
    [NoEffect(Own), Description("Adds deadlines to requests.")]
    public bool? SetDeadlinePropagationHeader { get; init; }

    /// <summary>What requests pass.</summary>
    /// <remarks>Defaults to null.</remarks>
    [NoEffect(Own), Description("What requests pass.")]
    public ConfigNode? Plugins { get; init; }

    /// <summary>What becomes of requests whose task is canceled.</summary>
    /// <remarks>Defaults to null.</remarks>
    [NoEffect(Own), Description("What becomes of requests whose task is canceled.")]
    public string? CancellationPolicy { get; init; }

    /// <summary>Whether a test says what may be requested.</summary>
    /// <remarks>Defaults to null.</remarks>
    [NoEffect(Own), Description("Lets a test say what may be requested.")]
    public bool? TestsuiteEnabled { get; init; }

    /// <summary>The time-out of requests under a test.</summary>
    /// <remarks>Defaults to null.</remarks>
    [NoEffect(Own), Description("The time-out of requests under a test.")]
    public TimeSpan? TestsuiteTimeout { get; init; }

    /// <summary>What may be requested under a test.</summary>
    /// <remarks>Defaults to an empty list.</remarks>
    [NoEffect(Own), Description("What may be requested under a test.")]
    public IReadOnlyList<string> TestsuiteAllowedUrlPrefixes { get; init; } = [];
}

/// <summary>Accepts the <c>http-client</c> section, without which tests of userver do not run.</summary>
/// <param name="config">Its options.</param>
public sealed class HttpClientComponent(HttpClientConfig config) : INamedComponent
{
    /// <inheritdoc/>
    public static string ComponentName => "http-client";

    /// <summary>The options as they were given.</summary>
    public HttpClientConfig Config => config;
}
