namespace Tideway.Server;

/// <summary>Marks an endpoint whose path ends in a slash exactly when its route does.</summary>
/// <param name="Route">The route as its handler was given it.</param>
internal sealed record StrictSlash(string Route)
{
    /// <summary>Tells whether a path that the route matches otherwise has its slashes, too.</summary>
    public bool Matches(string path) => Route.EndsWith("/*", StringComparison.Ordinal)
        ? path.Count(c => c == '/') >= Route.Count(c => c == '/')
        : path.EndsWith('/') == Route.EndsWith('/');
}
