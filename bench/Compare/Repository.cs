namespace Compare;

/// <summary>Where things lie in the checkout that this program was built in.</summary>
public static class Repository
{
    /// <summary>The directory of the solution.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>Makes a full path of one below the root.</summary>
    public static string Locate(params ReadOnlySpan<string> parts) => Path.Combine([Root, .. parts]);

    /// <summary>Tells where the release build of a project puts its assembly.</summary>
    public static string Assembly(params ReadOnlySpan<string> project)
    {
        string path = Path.Combine(Locate(project), "bin", "Release", "net10.0", project[^1] + ".dll");
        return File.Exists(path)
            ? path
            : throw new FileNotFoundException($"{path} is missing: `dotnet build -c Release bench/Compare` makes it.");
    }

    private static string FindRoot()
    {
        DirectoryInfo? directory = new(AppContext.BaseDirectory);
        while (directory is not null && !File.Exists(Path.Combine(directory.FullName, "Tideway.slnx")))
            directory = directory.Parent;
        return directory?.FullName
            ?? throw new DirectoryNotFoundException("This program runs in the checkout that it was built in.");
    }
}
