namespace Tideway.Server;

/// <summary>Says what a slash at the end of a request's path means to a route.</summary>
public enum TrailingSlash
{
    /// <summary>Nothing: the route is reached with it and without it.</summary>
    Both,

    /// <summary>The path has it exactly when the route has it.</summary>
    StrictMatch,
}
