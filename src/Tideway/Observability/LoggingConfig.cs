using System.ComponentModel;
using System.Numerics;
using Tideway.Components;
using Tideway.Configuration;

namespace Tideway.Observability;

/// <summary>Describes the loggers of a service: the <c>logging</c> section of the static config.</summary>
public sealed record LoggingConfig : ComponentConfig, IValidatableConfig
{
    /// <summary>The loggers by name.</summary>
    /// <remarks>
    /// Defaults to one logger <c>default</c> that writes to <c>@stderr</c>. Without a <c>default</c> in a given map,
    /// nothing is logged.
    /// </remarks>
    [Description("The loggers by name; everything without a logger of its own goes to the one named default.")]
    public IReadOnlyDictionary<string, LoggerConfig> Loggers { get; init; } = new Dictionary<string, LoggerConfig>
    {
        [LoggerRegistry.DefaultName] = new() { FilePath = "@stderr" },
    };

    /// <summary>The task processor of blocking file operations.</summary>
    /// <remarks>Defaults to null.</remarks>
    [NoEffect("each logger writes on a thread of its own")]
    [Description("Task processor of file operations.")]
    public string? FsTaskProcessor { get; init; }

    /// <inheritdoc/>
    public void Validate(ConfigValidation section)
    {
        ArgumentNullException.ThrowIfNull(section);
        foreach ((string name, LoggerConfig logger) in Loggers)
        {
            bool isDefault = name == LoggerRegistry.DefaultName;
            string path = logger.FilePath;
            if (path.Length == 0 || (path[0] == '@' && path is not ("@stdout" or "@stderr" or "@null")))
                Report("file_path", $"expected @stdout, @stderr, @null or a path, found '{path}'");
            string first = Loggers.First(other => other.Value.FilePath == path).Key;
            if (first != name && LogPlace.IsFile(path))
                Report("file_path", $"'{path}' is the file of the logger '{first}' already, expected another");
            if (logger.MessageQueueSize <= 0 || !BitOperations.IsPow2(logger.MessageQueueSize))
                Report("message_queue_size", $"expected a power of two, found {logger.MessageQueueSize}");
            if (isDefault && logger.OverflowBehavior == OverflowBehavior.Block)
                Report("overflow_behavior", "the default logger must not block its callers, expected discard");
            if (!isDefault && logger.TestsuiteCapture is not null)
                Report("testsuite-capture", "only the logger 'default' can have it");

            void Report(string key, string message) => section.Report(message, "loggers", name, key);
        }
    }
}
