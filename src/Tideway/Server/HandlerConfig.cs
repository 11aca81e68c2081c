using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Tideway.Components;
using Tideway.Configuration;

namespace Tideway.Server;

/// <summary>Describes a handler: the route it answers. A handler with options of its own derives its record from this.</summary>
public record HandlerConfig : ComponentConfig, IValidatableConfig
{
    private static readonly string[] _knownMethods = ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"];

    /// <summary>The route: a path with arguments in braces, and <c>*</c> at its end for anything.</summary>
    [Description("The route: /users/{id} has an argument, /files/* takes anything behind it.")]
    public required string Path { get; init; }

    /// <summary>The methods, separated by commas; others get 405.</summary>
    /// <remarks>Defaults to GET.</remarks>
    [Description("The methods, separated by commas; others get 405.")]
    public string Method { get; init; } = "GET";

    /// <summary>The task processor on which the handler runs.</summary>
    /// <remarks>Defaults to null: the default task processor.</remarks>
    [ConfigKey("task_processor"), NoEffect("handlers run on the thread pool of the runtime")]
    [Description("The task processor on which the handler runs.")]
    public string? TaskProcessor { get; init; }

    /// <summary>The largest request body, in bytes; a larger one gets 413.</summary>
    /// <remarks>Defaults to null: that of the listener's handler-defaults.</remarks>
    [ConfigKey("max_request_size"), Range(0, int.MaxValue)]
    [Description("The largest request body, in bytes; that of handler-defaults if it is left out.")]
    public int? MaxRequestSize { get; init; }

    /// <summary>Whether the handler may be refused when the service is overloaded.</summary>
    /// <remarks>Defaults to true.</remarks>
    [ConfigKey("throttling_enabled"), NoEffect("there is no congestion control")]
    [Description("Lets requests be refused when the service is overloaded.")]
    public bool ThrottlingEnabled { get; init; } = true;

    /// <summary>The methods, one by one.</summary>
    internal IEnumerable<string> Methods => Method.Split(',', StringSplitOptions.TrimEntries);

    /// <inheritdoc/>
    public virtual void Validate(ConfigValidation section)
    {
        ArgumentNullException.ThrowIfNull(section);
        if (!Path.StartsWith('/')) section.Report($"'{Path}' does not begin with '/'", "path");
        foreach (string method in Methods.Except(_knownMethods))
            section.Report($"'{method}' is not a method, expected {string.Join(", ", _knownMethods)}", "method");
    }
}
