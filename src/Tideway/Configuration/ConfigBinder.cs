namespace Tideway.Configuration;

/// <summary>Turns sections of a static config into the records that describe them.</summary>
/// <remarks><para>A record's public settable properties are its options: the key is kebab-case of the name or
/// <see cref="ConfigKeyAttribute"/>, the initializer is the default, <c>required</c> makes the option mandatory;
/// <see cref="System.ComponentModel.DescriptionAttribute"/>,
/// <see cref="System.ComponentModel.DataAnnotations.RangeAttribute"/>,
/// <see cref="System.ComponentModel.DataAnnotations.LengthAttribute"/> and <see cref="NoEffectAttribute"/> say the
/// rest. A type is one of bool, int, long, double, string, TimeSpan, an enum, a record, an <c>IReadOnlyList</c> or
/// <c>IReadOnlyDictionary</c> with string keys of those, or <see cref="ConfigNode"/> for a free form.</para>
/// <para>All members are safe for concurrent use.</para></remarks>
public static class ConfigBinder
{
    /// <summary>Binds a section.</summary>
    /// <typeparam name="T">The record's type.</typeparam>
    /// <param name="section">The section; a null scalar counts as an empty one.</param>
    /// <returns>The record.</returns>
    /// <exception cref="ConfigException">The section does not fit; the exception has all problems.</exception>
    /// <exception cref="InvalidOperationException">The type cannot be a config record.</exception>
    public static T Bind<T>(ConfigNode section)
        where T : class
    {
        var problems = new List<ConfigProblem>();
        object record = Bind(typeof(T), section, problems);
        ConfigException.ThrowIfAny(problems);
        return (T)record;
    }

    /// <summary>Binds a section and collects problems, so that those of other sections can be added.</summary>
    /// <param name="type">The record's type.</param>
    /// <param name="section">The section; a null scalar counts as an empty one.</param>
    /// <param name="problems">Receives the problems.</param>
    /// <returns>The record, with defaults in the place of what did not fit.</returns>
    /// <exception cref="InvalidOperationException">The type cannot be a config record.</exception>
    public static object Bind(Type type, ConfigNode section, ICollection<ConfigProblem> problems) =>
        BindShared([type], section, problems)[0];

    /// <summary>Binds a section that several records share: each takes its own options.</summary>
    /// <param name="types">The records' types.</param>
    /// <param name="section">The section; a null scalar counts as an empty one.</param>
    /// <param name="problems">Receives the problems.</param>
    /// <returns>The records, in the order of their types, with defaults in the place of what did not fit.</returns>
    /// <exception cref="InvalidOperationException">A type cannot be a config record.</exception>
    public static IReadOnlyList<object> BindShared(
        IReadOnlyList<Type> types, ConfigNode section, ICollection<ConfigProblem> problems) =>
        new SectionBinding(problems).BindRecords([.. types.Select(ConfigRecord.Of)], section);
}
