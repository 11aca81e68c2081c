using System.Text;

namespace Tideway.Configuration;

/// <summary>Reads whole files of bounded size, as text or as YAML.</summary>
internal static class ConfigFile
{
    public const int MaxBytes = 4 * 1024 * 1024;

    private static readonly UTF8Encoding _strictUtf8 = new(false, throwOnInvalidBytes: true);

    /// <summary>Reads a YAML file. A problem with the file itself is reported where the file was named.</summary>
    /// <returns>The root node at <paramref name="path"/>, or null when a problem was reported.</returns>
    public static ConfigNode? Read(
        string file, ConfigPath path, ConfigLocation namedAt, ICollection<ConfigProblem> problems)
    {
        try
        {
            return YamlReader.Read(ReadText(file), file, path, problems);
        }
        catch (Exception e) when (IsUnreadable(e))
        {
            problems.Add(new ConfigProblem(namedAt, path.ToString(), $"cannot read '{file}': {Reason(e)}"));
            return null;
        }
    }

    /// <summary>Tells whether an exception says that a file cannot be read.</summary>
    public static bool IsUnreadable(Exception e) =>
        e is IOException or UnauthorizedAccessException or ArgumentException;

    /// <summary>Says why a file cannot be read.</summary>
    public static string Reason(Exception e) => e switch
    {
        DecoderFallbackException => "it is not UTF-8 text",
        FileNotFoundException or DirectoryNotFoundException => "there is no such file",
        _ => e.Message,
    };

    /// <summary>Reads a file of UTF-8 text.</summary>
    /// <exception cref="IOException">It cannot be read, or is too large.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    /// <exception cref="ArgumentException">It is not UTF-8, or its name is none.</exception>
    public static string ReadText(string file)
    {
        using FileStream stream = File.OpenRead(file);
        var bytes = new MemoryStream();
        byte[] chunk = new byte[64 * 1024];
        for (int read = stream.Read(chunk); read > 0; read = stream.Read(chunk))
        {
            bytes.Write(chunk, 0, read);
            if (bytes.Length > MaxBytes)
                throw new IOException($"it is larger than {MaxBytes} bytes");
        }
        return _strictUtf8.GetString(bytes.GetBuffer(), 0, (int)bytes.Length).TrimStart('\uFEFF');
    }
}
