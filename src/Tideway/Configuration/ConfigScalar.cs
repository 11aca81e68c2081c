namespace Tideway.Configuration;

/// <summary>A single value: text that gets its type only when an option reads it.</summary>
public sealed class ConfigScalar : ConfigNode
{
    private const int LongestQuote = 80;

    private readonly bool _isPlain;

    internal ConfigScalar(ConfigPath keyPath, ConfigLocation location, string value, bool isPlain = true)
        : base(keyPath, location)
    {
        Value = value;
        _isPlain = isPlain;
    }

    /// <summary>The text, without quotes.</summary>
    public string Value { get; }

    /// <summary>The name after <c>$</c>, if the value is a reference to a variable.</summary>
    internal string? VariableName => Value.StartsWith('$') ? Value[1..] : null;

    internal override bool IsNull => _isPlain && Value is ("" or "~" or "null" or "Null" or "NULL");

    internal override string Describe() =>
        IsNull ? "nothing" : Value.Length <= LongestQuote ? $"'{Value}'" : $"'{Value[..LongestQuote]}...'";

    internal override ConfigScalar MoveTo(ConfigPath path, ConfigLocation? location = null) =>
        new(path, location ?? Location, Value, _isPlain);
}
