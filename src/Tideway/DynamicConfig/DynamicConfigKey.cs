using System.Reflection;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Tideway.Configuration;

namespace Tideway.DynamicConfig;

/// <summary>A variable of the dynamic config: its name, and what the code says of it.</summary>
/// <remarks>Immutable; safe for any thread. Variables are declared as <see cref="DynamicConfigKey{T}"/>.</remarks>
public abstract partial class DynamicConfigKey
{
    private static int _count;

    private protected DynamicConfigKey(string name, string description, Type type)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentException.ThrowIfNullOrWhiteSpace(description);
        if (!UpperCase().IsMatch(name))
        {
            throw new ArgumentException(
                $"'{name}' is no name of a variable, expected one such as MAX_ROOMS.", nameof(name));
        }

        Name = name;
        Description = description;
        Path = ConfigPath.Root.Key(name);
        Type = OptionType.Of(type, []);
        Index = Interlocked.Increment(ref _count) - 1;
    }

    /// <summary>The name of the variable in documents, such as <c>MAX_ROOMS</c>.</summary>
    public string Name { get; }

    /// <summary>What the variable steers: a sentence for the reference.</summary>
    public string Description { get; }

    /// <summary>The place of the variable's value in every snapshot of the process.</summary>
    internal int Index { get; }

    internal OptionType Type { get; }

    /// <summary>The bounds of the value; null for none.</summary>
    internal virtual OptionRange? Bounds => null;

    internal abstract DynamicConfigValue DefaultValue { get; }

    /// <summary>The default, as JSON.</summary>
    internal JsonNode? DefaultJson => ValueJson.Of(Type, DefaultValue.Boxed, Path);

    /// <summary>What is wrong with the default; null for nothing.</summary>
    internal string? DefaultProblem =>
        Bounds?.Contains(DefaultValue.Boxed) == false ? $"expected {Bounds.Describe()}" : Check(DefaultValue);

    private ConfigPath Path { get; }

    /// <summary>The JSON Schema of the variable, with description and default.</summary>
    internal JsonObject ToSchema()
    {
        JsonObject schema = ValueSchema.Of(Type, Bounds, Path);
        schema["description"] = Description;
        schema["default"] = DefaultJson;
        return schema;
    }

    /// <summary>Reads a value.</summary>
    /// <returns>The value; null when problems were reported.</returns>
    internal DynamicConfigValue? Read(ConfigNode node, List<ConfigProblem> problems)
    {
        int before = problems.Count;
        string complaint;
        try
        {
            object? raw = new SectionBinding(problems).BindVariable(Type, node, Bounds);
            if (raw is null || problems.Count > before) return null;
            DynamicConfigValue value = Box(raw);
            if (Check(value) is not { } reason) return value;
            complaint = reason;
        }
        catch (TargetInvocationException exception)
        {
            // A record may check itself as it is made.
            complaint = $"its type refuses it: {exception.GetBaseException().Message}";
        }

        problems.Add(new ConfigProblem(node.Location, node.Path, $"found {Quote(node)}, {complaint}"));
        return null;
    }

    /// <summary>Tells whether another declaration of the name says the same.</summary>
    internal bool Agrees(DynamicConfigKey other) =>
        Type.ClrType == other.Type.ClrType
        && ValueEquality.AreEqual(Type, DefaultValue.Boxed, other.DefaultValue.Boxed);

    internal bool AreEqual(DynamicConfigValue a, DynamicConfigValue b) =>
        ReferenceEquals(a, b) || ValueEquality.AreEqual(Type, a.Boxed, b.Boxed);

    private protected abstract DynamicConfigValue Box(object value);

    /// <summary>Runs the variable's own check.</summary>
    /// <returns>What was expected; null when the value is right.</returns>
    private protected abstract string? Check(DynamicConfigValue value);

    private static string Quote(ConfigNode node)
    {
        const int LongestQuote = 100;
        if (node is ConfigScalar) return node.Describe();
        string text = ConfigJson.Text(node);
        return text.Length <= LongestQuote ? text : text[..LongestQuote] + "...";
    }

    [GeneratedRegex("^[A-Z][A-Z0-9_]{0,199}$")]
    private static partial Regex UpperCase();
}
