using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Tideway.Configuration;

namespace Tideway.Components;

/// <summary>Describes the tracing of context switches. It is accepted so that existing files work, and changes
/// nothing.</summary>
public sealed record TaskTraceConfig
{
    private const string Reason = "asynchronous methods have no context switches to trace";

    /// <summary>How rarely a task is traced: one in this many.</summary>
    /// <remarks>Defaults to 1000.</remarks>
    [Range(1, int.MaxValue), NoEffect(Reason)]
    [Description("Traces one task in this many.")]
    public int Every { get; init; } = 1000;

    /// <summary>The number of switches after which a task is traced no more.</summary>
    /// <remarks>Defaults to 1000.</remarks>
    [Range(0, int.MaxValue), NoEffect(Reason)]
    [Description("The number of context switches traced for a task.")]
    public int MaxContextSwitchCount { get; init; } = 1000;

    /// <summary>The logger that traces go to.</summary>
    [NoEffect(Reason)]
    [Description("The logger that traces go to.")]
    public required string Logger { get; init; }
}
