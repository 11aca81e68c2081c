namespace Tideway.Configuration;

/// <summary>What is known of a scalar's type from the way it is written.</summary>
internal enum ScalarForm
{
    /// <summary>Text of a static config without quotes: whatever the option takes it for, or null.</summary>
    Plain,

    /// <summary>Text of a static config in quotes: whatever the option takes it for.</summary>
    Quoted,

    /// <summary>A string, and nothing else.</summary>
    String,

    /// <summary>A number, and nothing else.</summary>
    Number,

    /// <summary>True or false, and nothing else.</summary>
    Boolean,

    /// <summary>No value.</summary>
    Null,
}
