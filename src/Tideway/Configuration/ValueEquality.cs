using System.Collections;

namespace Tideway.Configuration;

/// <summary>Compares values of options by what they hold, lists and maps item by item.</summary>
internal static class ValueEquality
{
    /// <summary>Tells whether two values are the same.</summary>
    public static bool AreEqual(OptionType type, object? a, object? b)
    {
        if (ReferenceEquals(a, b)) return true;
        if (a is null || b is null) return false;
        return type.Kind switch
        {
            OptionKind.Record =>
                type.Record!.Options.All(option => AreEqual(option.Type, option.Get(a), option.Get(b))),
            OptionKind.List => AreEqual(type.Element!, (IEnumerable)a, (IEnumerable)b),
            OptionKind.Map => a is IDictionary x && b is IDictionary y && AreEqual(type.Element!, x, y),
            OptionKind.Raw => AreEqual((ConfigNode)a, (ConfigNode)b),
            _ => a.Equals(b),
        };
    }

    private static bool AreEqual(OptionType item, IEnumerable a, IEnumerable b)
    {
        object?[] left = [.. a.Cast<object?>()], right = [.. b.Cast<object?>()];
        return left.Length == right.Length
            && left.Zip(right).All(pair => AreEqual(item, pair.First, pair.Second));
    }

    private static bool AreEqual(OptionType value, IDictionary a, IDictionary b) =>
        a.Count == b.Count && a.Keys.Cast<object>().All(key => b.Contains(key) && AreEqual(value, a[key], b[key]));

    private static bool AreEqual(ConfigNode? a, ConfigNode? b) => (a, b) switch
    {
        (null, null) => true,
        (ConfigScalar x, ConfigScalar y) => x.Form == y.Form && x.Value == y.Value,
        (ConfigList x, ConfigList y) =>
            x.Items.Count == y.Items.Count && x.Items.Zip(y.Items).All(pair => AreEqual(pair.First, pair.Second)),
        (ConfigMap x, ConfigMap y) =>
            x.Entries.Count == y.Entries.Count && x.Entries.All(entry =>
                y.Find(entry.Key) is { } other && AreEqual(entry.Value, other.Value)),
        _ => false,
    };
}
