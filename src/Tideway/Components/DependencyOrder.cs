namespace Tideway.Components;

/// <summary>Puts components after those they depend on, and finds those that cannot be ordered.</summary>
internal sealed class DependencyOrder
{
    private readonly List<ComponentNode> _ordered = [];
    private readonly HashSet<ComponentNode> _visited = [];
    private readonly List<ComponentNode> _path = [];
    private readonly List<string> _problems;

    private DependencyOrder(List<string> problems) => _problems = problems;

    /// <summary>Orders components; circles are added to the problems as chains of names.</summary>
    public static IReadOnlyList<ComponentNode> Of(IReadOnlyList<ComponentNode> nodes, List<string> problems)
    {
        var order = new DependencyOrder(problems);
        foreach (ComponentNode node in nodes)
            order.Visit(node);
        return order._ordered;
    }

    private void Visit(ComponentNode node)
    {
        int seenAt = _path.IndexOf(node);
        if (seenAt >= 0)
        {
            string chain = string.Join(" -> ", _path.Skip(seenAt).Append(node));
            _problems.Add($"Components depend on each other in a circle: {chain}.");
            return;
        }

        if (!_visited.Add(node))
            return;
        _path.Add(node);
        foreach (ComponentNode dependency in node.Dependencies)
            Visit(dependency);
        _path.RemoveAt(_path.Count - 1);
        _ordered.Add(node);
    }
}
