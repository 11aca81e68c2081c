namespace Tideway.Configuration;

/// <summary>Reports that a static config cannot be used, with every problem that was found.</summary>
public sealed class ConfigException : Exception
{
    /// <summary>Creates an exception that reports problems.</summary>
    /// <param name="problems">The problems, in any order; they are sorted by file, line and column.</param>
    public ConfigException(IEnumerable<ConfigProblem> problems)
        : this(Sort(problems))
    {
    }

    private ConfigException(ConfigProblem[] sorted)
        : base(string.Join('\n', sorted.Select(problem => problem.ToString()))) => Problems = sorted;

    /// <summary>The problems, sorted by file, line and column.</summary>
    public IReadOnlyList<ConfigProblem> Problems { get; }

    /// <summary>Throws if there is any problem.</summary>
    /// <param name="problems">The problems that were collected.</param>
    /// <exception cref="ConfigException">There is at least one.</exception>
    public static void ThrowIfAny(IReadOnlyCollection<ConfigProblem> problems)
    {
        ArgumentNullException.ThrowIfNull(problems);
        if (problems.Count > 0)
            throw new ConfigException(problems);
    }

    private static ConfigProblem[] Sort(IEnumerable<ConfigProblem> problems) =>
    [
        .. problems
            .OrderBy(problem => problem.Location.File, StringComparer.Ordinal)
            .ThenBy(problem => problem.Location.Line)
            .ThenBy(problem => problem.Location.Column),
    ];
}
