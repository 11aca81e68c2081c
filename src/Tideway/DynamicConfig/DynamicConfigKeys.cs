using System.Reflection;

namespace Tideway.DynamicConfig;

/// <summary>The variables that a service knows. Immutable.</summary>
internal sealed class DynamicConfigKeys
{
    private readonly ILookup<string, DynamicConfigKey> _byName;

    /// <summary>Makes a set of variables.</summary>
    /// <exception cref="InvalidOperationException">Two declarations of a name contradict each other, or a default is
    /// wrong.</exception>
    public DynamicConfigKeys(IEnumerable<DynamicConfigKey> keys)
        : this(keys, [])
    {
    }

    private DynamicConfigKeys(IEnumerable<DynamicConfigKey> keys, List<string> problems)
    {
        All = [.. keys.Distinct().OrderBy(key => key.Name, StringComparer.Ordinal)];
        _byName = All.ToLookup(key => key.Name);
        foreach (IGrouping<string, DynamicConfigKey> same in _byName)
        {
            if (same.Any(key => !key.Agrees(same.First())))
            {
                problems.Add(
                    $"The dynamic config variable {same.Key} is declared twice, with different types or defaults.");
            }

            if (same.Select(key => key.DefaultProblem).OfType<string>().FirstOrDefault() is { } reason)
                problems.Add($"The default of the dynamic config variable {same.Key} is wrong: {reason}.");
        }

        if (problems.Count > 0) throw new InvalidOperationException(string.Join('\n', problems));
    }

    /// <summary>The variables, by name; of two declarations both are here.</summary>
    public IReadOnlyList<DynamicConfigKey> All { get; }

    /// <summary>The names, sorted.</summary>
    public IEnumerable<string> Names => All.Select(key => key.Name).Distinct();

    /// <summary>One declaration for each name, sorted.</summary>
    public IEnumerable<DynamicConfigKey> Distinct => All.DistinctBy(key => key.Name);

    /// <summary>The length of an array that has a place for each variable.</summary>
    public int Places => All.Count == 0 ? 0 : All.Max(key => key.Index) + 1;

    public bool Knows(string name) => _byName.Contains(name);

    /// <summary>Finds the variables declared in assemblies: what their static fields hold.</summary>
    /// <exception cref="InvalidOperationException">A declaration is wrong.</exception>
    public static DynamicConfigKeys Find(IEnumerable<Assembly> assemblies)
    {
        var keys = new List<DynamicConfigKey>();
        var problems = new List<string>();
        IEnumerable<FieldInfo> fields = assemblies.Distinct().SelectMany(TypesOf)
            .Where(type => !type.ContainsGenericParameters)
            .SelectMany(type => type.GetFields(
                BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            .Where(field => field.FieldType.IsAssignableTo(typeof(DynamicConfigKey)));
        foreach (FieldInfo field in fields)
        {
            try
            {
                if (field.GetValue(null) is DynamicConfigKey key) keys.Add(key);
            }
            catch (Exception exception) when (exception is TypeInitializationException or TargetInvocationException)
            {
                problems.Add(
                    $"The dynamic config variables of {field.DeclaringType} cannot be declared: "
                    + exception.GetBaseException().Message);
            }
        }

        return new DynamicConfigKeys(keys, [.. problems.Distinct()]);
    }

    private static IEnumerable<Type> TypesOf(Assembly assembly)
    {
        try
        {
            return assembly.GetTypes();
        }
        catch (ReflectionTypeLoadException exception)
        {
            // What cannot be loaded can declare nothing that is used.
            return exception.Types.OfType<Type>();
        }
    }
}
