namespace Tideway.Observability;

/// <summary>Says how a logger writes its records; every record is one line.</summary>
public enum LogFormat
{
    /// <summary>The word <c>tskv</c>, then <c>key=value</c> pairs, separated by tabs.</summary>
    Tskv,

    /// <summary><c>key:value</c> pairs, separated by tabs.</summary>
    Ltsv,

    /// <summary>As <see cref="Tskv"/> but without <c>timestamp</c> and <c>level</c>;
    /// finished lines are written as they are.</summary>
    Raw,

    /// <summary>One JSON object with the keys of <see cref="Tskv"/>.</summary>
    Json,
}
