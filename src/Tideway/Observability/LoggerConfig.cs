using System.ComponentModel;
using Tideway.Configuration;

namespace Tideway.Observability;

/// <summary>Describes one named logger of the static config.</summary>
public sealed record LoggerConfig
{
    /// <summary>Where the lines go.</summary>
    /// <remarks>
    /// <c>@stdout</c>, <c>@stderr</c>, <c>@null</c>, <c>unix:</c> and the path of a stream socket, or the path of a
    /// file, which is appended to; missing directories are created. Two loggers cannot share a file.
    /// </remarks>
    [ConfigKey("file_path")]
    [Description("@stdout, @stderr, @null, unix:<socket path>, or the path of a file to append to.")]
    public required string FilePath { get; init; }

    /// <summary>The least severity that is written.</summary>
    /// <remarks>Defaults to <see cref="LoggerLevel.Info"/>.</remarks>
    [Description("Records below this level are not written.")]
    public LoggerLevel Level { get; init; } = LoggerLevel.Info;

    /// <summary>The form of a line.</summary>
    /// <remarks>Defaults to <see cref="LogFormat.Tskv"/>.</remarks>
    [Description("The form of a line.")]
    public LogFormat Format { get; init; } = LogFormat.Tskv;

    /// <summary>The severity from which a record is written at once instead of within two seconds.</summary>
    /// <remarks>Defaults to <see cref="LoggerLevel.Warning"/>.</remarks>
    [ConfigKey("flush_level"), NoEffect("every batch is written as soon as the sink is free")]
    [Description("Records of this level and above are written at once, others within two seconds.")]
    public LoggerLevel FlushLevel { get; init; } = LoggerLevel.Warning;

    /// <summary>How many records may wait to be written; a power of two.</summary>
    /// <remarks>Defaults to 65536. Lines of 64 MiB together are a full queue, too.</remarks>
    [ConfigKey("message_queue_size")]
    [Description("How many records may wait to be written; a power of two. 64 MiB of lines are full, too.")]
    public int MessageQueueSize { get; init; } = 65536;

    /// <summary>What happens when the queue is full.</summary>
    /// <remarks>Defaults to <see cref="OverflowBehavior.Discard"/>,
    /// the only choice for the logger <c>default</c>.</remarks>
    [ConfigKey("overflow_behavior")]
    [Description("What happens to a record when the queue is full; the default logger can only discard.")]
    public OverflowBehavior OverflowBehavior { get; init; } = OverflowBehavior.Discard;

    /// <summary>The task processor of blocking file operations.</summary>
    /// <remarks>Defaults to null.</remarks>
    [NoEffect("each logger writes on a thread of its own")]
    [Description("Task processor of file operations.")]
    public string? FsTaskProcessor { get; init; }

    /// <summary>Where a functional test collects the records; only the logger <c>default</c> may have it.</summary>
    /// <remarks>Defaults to null: nowhere. They are sent when the test asks for them, as TSKV.</remarks>
    [Description("Where a functional test collects the records; only for the default logger.")]
    public TestsuiteCaptureConfig? TestsuiteCapture { get; init; }
}
