namespace Tideway.Configuration;

/// <summary>One key of a <see cref="ConfigMap"/>.</summary>
/// <param name="Key">The key, without <c>#env</c>, <c>#file</c> and <c>#fallback</c>.</param>
/// <param name="Location">Where the key is written.</param>
/// <param name="Value">The value, or null when the key is written but its substitution found nothing: the key then
/// counts as missing.</param>
/// <param name="MissingReason">Why there is no value, such as <c>variable 'port' is not defined</c>.</param>
public sealed record ConfigEntry(
    string Key, ConfigLocation Location, ConfigNode? Value, string? MissingReason = null);
