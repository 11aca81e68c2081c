using Microsoft.Extensions.Logging;

namespace Tideway.Components;

/// <summary>The log lines of starting and stopping components; event ids 100 to 199.</summary>
internal static partial class ComponentLog
{
    [LoggerMessage(100, LogLevel.Information, "All {Count} components started in {Duration}")]
    public static partial void ComponentsStarted(this ILogger logger, int count, TimeSpan duration);

    [LoggerMessage(101, LogLevel.Information,
        "Components are still starting after {Elapsed}; {Activity}: {Busy}; waiting: {Waiting}")]
    public static partial void StartIsSlow(
        this ILogger logger, TimeSpan elapsed, string activity, string busy, string waiting);

    [LoggerMessage(102, LogLevel.Error, "Cannot start component {Component}: {Reason}")]
    public static partial void ComponentFailed(
        this ILogger logger, Exception? exception, string component, string reason);

    [LoggerMessage(103, LogLevel.Warning, "Component {Component} gave up as the start ended: {Reason}")]
    public static partial void ComponentGaveUp(
        this ILogger logger, Exception exception, string component, string reason);

    [LoggerMessage(104, LogLevel.Error, "Component {Component} failed to {Step}: {Reason}")]
    public static partial void ComponentStopFailed(
        this ILogger logger, Exception exception, string component, string step, string reason);

    [LoggerMessage(105, LogLevel.Warning,
        "Component {Component} did not {Step} before the deadline and is waited for no longer")]
    public static partial void ComponentOverstayed(this ILogger logger, string component, string step);

    [LoggerMessage(EventId = 106, Message = "All components stopped in {Duration}")]
    public static partial void ComponentsStopped(this ILogger logger, LogLevel level, TimeSpan duration);

    [LoggerMessage(107, LogLevel.Error, "Periodic task {Task} failed; it goes on in {Pause}")]
    public static partial void PeriodicTaskFailed(
        this ILogger logger, Exception exception, string task, TimeSpan pause);
}
