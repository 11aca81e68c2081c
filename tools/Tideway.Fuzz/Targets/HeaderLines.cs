namespace Tideway.Fuzz.Targets;

/// <summary>Reads header lines the slow and obvious way.</summary>
internal static class HeaderLines
{
    /// <summary>Lists the elements of a header, the empty ones, too.</summary>
    public static IEnumerable<string> Tokens((string Name, string Value)[] headers, string name) =>
        ValuesOf(headers, name).SelectMany(value => value.Split(',')).Select(token => token.Trim(' ', '\t'));

    /// <summary>Lists the values of a header, one for each of its lines.</summary>
    public static string[] ValuesOf((string Name, string Value)[] headers, string name) =>
        [.. headers
            .Where(header => header.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
            .Select(header => header.Value)];
}
