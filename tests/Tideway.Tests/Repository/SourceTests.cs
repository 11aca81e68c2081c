namespace Tideway.Tests.Repository;

/// <summary>Holds all C# files to what the formatter does not check.</summary>
public sealed class SourceTests
{
    private const int LongestLine = 120;
    private const int LongestFile = 600;
    private static readonly string[] _folders = ["src", "samples", "tests"];

    [Fact]
    public void No_line_is_longer_than_120_columns() => Assert.Empty(
        from file in Files()
        from line in File.ReadLines(file).Index()
        where line.Item.Length > LongestLine
        select $"{file}:{line.Index + 1} has {line.Item.Length} columns");

    [Fact]
    public void No_file_is_longer_than_600_lines() => Assert.Empty(
        from file in Files()
        let lines = File.ReadLines(file).Count()
        where lines > LongestFile
        select $"{file} has {lines} lines");

    [Fact]
    public void No_summary_says_Gets_or_Returns() => Assert.Empty(
        from file in Files()
        from line in File.ReadLines(file).Index()
        let text = line.Item.TrimStart()
        where text.StartsWith("/// <summary>Gets ", StringComparison.Ordinal)
            || text.StartsWith("/// <summary>Returns ", StringComparison.Ordinal)
        select $"{file}:{line.Index + 1} says what the signature says; say what it is");

    private static IEnumerable<string> Files() => _folders
        .SelectMany(folder => Directory.EnumerateFiles(
            Path.Combine(DocsTests.Root, folder), "*.cs", SearchOption.AllDirectories))
        .Where(file => !file.Contains("/obj/", StringComparison.Ordinal));
}
