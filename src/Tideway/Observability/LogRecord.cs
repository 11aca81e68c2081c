using Microsoft.Extensions.Logging;

namespace Tideway.Observability;

/// <summary>One record on its way to a line.</summary>
/// <param name="Timestamp">When, in local time.</param>
/// <param name="Level">How severe.</param>
/// <param name="Category">Who logs.</param>
/// <param name="Text">What happened.</param>
/// <param name="Extras">Structured values and ids, in order.</param>
/// <param name="Exception">What was thrown; null for nothing.</param>
internal sealed record LogRecord(
    DateTimeOffset Timestamp,
    LogLevel Level,
    string Category,
    string Text,
    IReadOnlyList<KeyValuePair<string, string>> Extras,
    Exception? Exception);
