using System.Text.Json;

namespace ConfigService;

/// <summary>What an operator wants to change: he gives a value, or removes it, or goes back to a row.</summary>
internal sealed record ChangeRequest
{
    /// <summary>The variable; not for a rollback.</summary>
    public string? Name { get; init; }

    /// <summary>For whom the value is; not for a rollback.</summary>
    public string? Scope { get; init; }

    /// <summary>The value; undefined when none is given.</summary>
    public JsonElement Value { get; init; }

    /// <summary>Whether the value counts; null for a variable that is no kill switch.</summary>
    public KillSwitch? KillSwitch { get; init; }

    public bool Remove { get; init; }

    /// <summary>The row whose state is to be the state again.</summary>
    public long? RollbackTo { get; init; }

    /// <summary>The revision that the operator has seen; 0 where nothing is set.</summary>
    public long? ExpectedRevision { get; init; }

    /// <summary>Who the operator is, where no proxy says so.</summary>
    public string? Author { get; init; }

    /// <summary>Why.</summary>
    public string Comment { get; init; } = "";

    /// <summary>Whether the value is to be taken in spite of what the schemas say.</summary>
    public bool Force { get; init; }
}
