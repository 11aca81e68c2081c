namespace Tideway.Configuration;

/// <summary>The kinds of value that an option can have.</summary>
internal enum OptionKind
{
    Boolean,
    Int32,
    Int64,
    Double,
    String,
    Duration,
    Enum,
    Record,
    List,
    Map,
    Raw,
}
