using System.Collections;
using System.Collections.Concurrent;
using System.Reflection;

namespace Tideway.Configuration;

/// <summary>The options of a config record: the one source for binding, the schema and the reference.</summary>
internal sealed class ConfigRecord
{
    private static readonly ConcurrentDictionary<Type, ConfigRecord> _cache = new();

    private readonly Type _type;

    private ConfigRecord(Type type, IReadOnlyList<Type> outer)
    {
        if (outer.Contains(type))
            throw new InvalidOperationException($"Config record {type} contains itself.");
        bool isRecord = type is { IsClass: true, IsAbstract: false } && !type.IsAssignableTo(typeof(IEnumerable));
        if (!isRecord || type.GetConstructor(Type.EmptyTypes) is null)
            throw new InvalidOperationException($"{type} is not a config type: not a record that 'new()' can create.");
        _type = type;
        object defaults = CreateDefault();
        Type[] nested = [.. outer, type];
        Options = [.. OptionProperties(type).Select(property => new ConfigOption(property, defaults, nested))];
    }

    /// <summary>The options, those of base records first.</summary>
    public IReadOnlyList<ConfigOption> Options { get; }

    public static ConfigRecord Of(Type type) => _cache.GetOrAdd(type, static type => new ConfigRecord(type, []));

    public static ConfigRecord Of(Type type, IReadOnlyList<Type> outer) => new(type, outer);

    /// <summary>Creates a record in which each option has its default.</summary>
    public object CreateDefault() => Activator.CreateInstance(_type)!;

    private static IEnumerable<PropertyInfo> OptionProperties(Type type) => type
        .GetProperties(BindingFlags.Public | BindingFlags.Instance)
        .Where(property => property.SetMethod is { IsPublic: true })
        .OrderBy(property => InheritanceDepth(property.DeclaringType!));

    private static int InheritanceDepth(Type type) => type.BaseType is { } parent ? InheritanceDepth(parent) + 1 : 0;
}
