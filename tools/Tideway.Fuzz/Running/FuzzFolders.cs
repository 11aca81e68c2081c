using System.Security.Cryptography;

namespace Tideway.Fuzz.Running;

/// <summary>Where inputs are kept: those of the repository, those that a run found, those that failed.</summary>
internal static class FuzzFolders
{
    private static readonly string _root = FindRoot();

    /// <summary>What is not checked in.</summary>
    public static string Artifacts { get; } = Path.Combine(_root, "artifacts", "fuzz");

    /// <summary>The checked-in corpus of a target.</summary>
    public static string Corpus(string target) => Path.Combine(_root, "tools", "Tideway.Fuzz", "Corpus", target);

    /// <summary>What runs have found for a target on this machine.</summary>
    public static string Found(string target) => Path.Combine(Artifacts, "corpus", target);

    /// <summary>The inputs of a folder, the shortest first; none if there is no such folder.</summary>
    public static IReadOnlyList<byte[]> Read(string folder) => !Directory.Exists(folder) ? [] :
    [
        .. Directory.EnumerateFiles(folder)
            .Order(StringComparer.Ordinal)
            .Select(File.ReadAllBytes)
            .OrderBy(input => input.Length),
    ];

    /// <summary>Writes an input under a name made of its hash, and answers the path.</summary>
    public static string Write(string folder, byte[] input, string prefix = "")
    {
        Directory.CreateDirectory(folder);
        string path = Path.Combine(folder, prefix + Convert.ToHexStringLower(SHA256.HashData(input))[..12]);
        File.WriteAllBytes(path, input);
        return path;
    }

    /// <summary>Keeps an input that failed, and says how to see that again.</summary>
    public static string WriteFailed(string target, byte[] input)
    {
        string path = Path.GetRelativePath(
            Environment.CurrentDirectory, Write(Path.Combine(Artifacts, "crashes"), input, target + "-"));
        return $"{path} ({input.Length} bytes)\n"
            + $"see it again: dotnet run --project tools/Tideway.Fuzz -- replay {target} {path}";
    }

    private static string FindRoot()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(directory.FullName, "Tideway.slnx")))
        {
            directory = directory.Parent
                ?? throw new InvalidOperationException("The fuzzer runs outside the repository.");
        }

        return directory.FullName;
    }
}
