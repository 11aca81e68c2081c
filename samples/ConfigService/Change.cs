namespace ConfigService;

/// <summary>A row of the log: who made a setting what it is, and what it was before.</summary>
/// <remarks>Immutable. The last change of a setting is its state.</remarks>
internal sealed record Change
{
    /// <summary>The number of the row; each is greater than those before it.</summary>
    public long Revision { get; init; }

    /// <summary>The moment, written so that a later one sorts behind an earlier one as text.</summary>
    public string UpdatedAt { get; init; } = "";

    public required string Author { get; init; }

    public required string Comment { get; init; }

    /// <summary>Whether it was made in spite of what the schemas say.</summary>
    public bool Forced { get; init; }

    /// <summary>The row that it went back to; null for an ordinary change.</summary>
    public long? RollbackTo { get; init; }

    /// <summary>The variable.</summary>
    public required string Name { get; init; }

    /// <summary>For whom the value is.</summary>
    public required string Scope { get; init; }

    /// <summary>The setting before; null for none.</summary>
    public Setting? Old { get; init; }

    /// <summary>The setting since; null for none.</summary>
    public Setting? New { get; init; }

    /// <summary>The revision that the next change has to expect; 0 where nothing is set.</summary>
    internal long Expected => New is null ? 0 : Revision;
}
