namespace Tideway.Components;

/// <summary>Reports everything that is wrong with how components depend on each other, before any is built.</summary>
/// <param name="problems">The problems, each a sentence; at least one.</param>
public sealed class ComponentGraphException(IReadOnlyList<string> problems) : Exception(string.Join('\n', problems))
{
    /// <summary>All problems, each a sentence that names the components.</summary>
    public IReadOnlyList<string> Problems { get; } = problems;
}
