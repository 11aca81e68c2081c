namespace Tideway.Configuration;

/// <summary>Says where in a config file something is written.</summary>
/// <param name="File">The file's name, as it was given.</param>
/// <param name="Line">The line, from 1; 0 stands for the file as a whole.</param>
/// <param name="Column">The column, from 1; 0 stands for the file as a whole.</param>
public readonly record struct ConfigLocation(string File, int Line, int Column)
{
    /// <summary>Makes the location of a whole file, for problems that have no line.</summary>
    /// <param name="file">The file's name.</param>
    /// <returns>A location with line and column 0.</returns>
    public static ConfigLocation WholeFile(string file) => new(file, 0, 0);

    /// <summary>Formats <c>file:line:column</c>, or only the file when there is no line.</summary>
    /// <returns>The text that editors and terminals turn into a link.</returns>
    public override string ToString() => Line == 0 ? File : $"{File}:{Line}:{Column}";
}
