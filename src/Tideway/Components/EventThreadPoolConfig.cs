using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Tideway.Configuration;

namespace Tideway.Components;

/// <summary>Describes threads for events apart from the task processors. It is accepted so that existing files work,
/// and changes nothing.</summary>
public sealed record EventThreadPoolConfig
{
    private const string Reason = "each thread of a task processor waits for its own events";

    /// <summary>The number of threads.</summary>
    /// <remarks>Defaults to 2.</remarks>
    [Range(1, int.MaxValue), NoEffect(Reason)]
    [Description("The number of threads.")]
    public int Threads { get; init; } = 2;

    /// <summary>The name of the threads.</summary>
    /// <remarks>Defaults to <c>event-worker</c>.</remarks>
    [ConfigKey("thread_name"), NoEffect(Reason)]
    [Description("The name of the threads.")]
    public string ThreadName { get; init; } = "event-worker";
}
