namespace Tideway.Configuration;

/// <summary>A single value: text that gets its type only when an option reads it.</summary>
public sealed class ConfigScalar : ConfigNode
{
    private const int LongestQuote = 80;

    internal ConfigScalar(
        ConfigPath keyPath, ConfigLocation location, string value, ScalarForm form = ScalarForm.Plain)
        : base(keyPath, location)
    {
        Value = value;
        Form = form;
    }

    /// <summary>The text, without quotes.</summary>
    public string Value { get; }

    /// <summary>What is known of the type.</summary>
    internal ScalarForm Form { get; }

    /// <summary>The name after <c>$</c>, if the value is a reference to a variable.</summary>
    internal string? VariableName => Value.StartsWith('$') ? Value[1..] : null;

    internal override bool IsNull =>
        Form == ScalarForm.Null
        || (Form == ScalarForm.Plain && Value is ("" or "~" or "null" or "Null" or "NULL"));

    /// <summary>Tells whether an option of a kind may read the text.</summary>
    internal bool MayBe(OptionKind kind) => Form switch
    {
        ScalarForm.String => kind is OptionKind.String or OptionKind.Enum or OptionKind.Duration,
        ScalarForm.Number => kind is OptionKind.Int32 or OptionKind.Int64 or OptionKind.Double or OptionKind.Duration,
        ScalarForm.Boolean => kind is OptionKind.Boolean,
        _ => true,
    };

    internal override string Describe()
    {
        if (IsNull)
            return "nothing";
        string text = Value.Length <= LongestQuote ? Value : $"{Value[..LongestQuote]}...";
        return Form switch
        {
            ScalarForm.Number or ScalarForm.Boolean => text,
            ScalarForm.String => $"the string '{text}'",
            _ => $"'{text}'",
        };
    }

    internal override ConfigScalar MoveTo(ConfigPath path, ConfigLocation? location = null) =>
        new(path, location ?? Location, Value, Form);
}
