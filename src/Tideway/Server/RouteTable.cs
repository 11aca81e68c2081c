using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Routing.Patterns;

namespace Tideway.Server;

/// <summary>Knows which handler of a listener answers what, to find those that could not be reached.</summary>
internal sealed partial class RouteTable
{
    private readonly Dictionary<string, string> _handlers = new(StringComparer.Ordinal);

    /// <summary>Writes the route of a handler as the router reads it.</summary>
    public static string PatternOf(HandlerConfig config) =>
        config.Path.EndsWith("/*", StringComparison.Ordinal) ? config.Path[..^1] + "{**rest}" : config.Path;

    /// <summary>Adds the routes of a handler.</summary>
    /// <returns>Why it cannot have them, as a sentence; null when it can.</returns>
    public string? Add(string handler, HandlerConfig config)
    {
        try
        {
            RoutePatternFactory.Parse(PatternOf(config));
        }
        catch (RoutePatternException exception)
        {
            return $"'{handler}' cannot answer '{config.Path}': {exception.Message}";
        }

        string path = config.Path;
        string other = path.EndsWith('/') ? path.TrimEnd('/') : path + "/";
        string[] paths = config.UrlTrailingSlash == TrailingSlash.StrictMatch ? [path] : [path, other];
        foreach (string method in config.Methods)
        {
            foreach (string taken in paths)
            {
                string route = $"{method} {Shape(taken)}";
                if (!_handlers.TryAdd(route, handler))
                    return $"'{handler}' and '{_handlers[route]}' both answer {method} {taken}";
            }
        }

        return null;
    }

    /// <summary>Leaves of a path what the router tells apart: not its case, nor the names of arguments.</summary>
    private static string Shape(string path) => ArgumentName().Replace(path, "{").ToLowerInvariant();

    [GeneratedRegex(@"\{[^{}:*?=/]+")]
    private static partial Regex ArgumentName();
}
