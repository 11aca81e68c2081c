namespace Tideway.Configuration;

/// <summary>One mistake in a static config.</summary>
/// <param name="Location">Where it is.</param>
/// <param name="Path">The keys that lead to it; empty when it concerns a file as a whole.</param>
/// <param name="Message">What is wrong, and what was expected.</param>
public sealed record ConfigProblem(ConfigLocation Location, string Path, string Message)
{
    /// <summary>Formats <c>file:line:column  key.path: message</c>.</summary>
    /// <returns>Exactly one line, whatever the file contains.</returns>
    public override string ToString()
    {
        string text = Path.Length == 0 ? $"{Location}  {Message}" : $"{Location}  {Path}: {Message}";
        return text.Any(char.IsControl) ? string.Concat(text.Select(Visible)) : text;
    }

    private static string Visible(char c) => c switch
    {
        '\n' => "\\n",
        '\r' => "\\r",
        '\t' => "\\t",
        _ when char.IsControl(c) => $"\\u{(int)c:x4}",
        _ => c.ToString(),
    };
}
