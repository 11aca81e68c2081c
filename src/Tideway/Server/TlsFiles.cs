using System.Security.Cryptography;
using System.Text;

namespace Tideway.Server;

/// <summary>The contents of the files that a <see cref="TlsConfig"/> names, as they were at one moment.
/// Immutable.</summary>
/// <param name="Cert">The certificate and its chain.</param>
/// <param name="PrivateKey">The private key.</param>
/// <param name="Passphrase">The passphrase of the key; null for none.</param>
/// <param name="Ca">The authorities of clients, one file each.</param>
internal sealed record TlsFiles(string Cert, string PrivateKey, string? Passphrase, IReadOnlyList<string> Ca)
{
    private const int MostBytes = 1 << 20; // Of a file: what is larger is something else.

    /// <summary>A hash of everything, to tell whether anything has changed.</summary>
    public string Hash { get; } = Convert.ToHexString(SHA256.HashData(
        Encoding.UTF8.GetBytes(string.Join('\0', [Cert, PrivateKey, Passphrase ?? "", .. Ca]))));

    /// <summary>Reads the files.</summary>
    /// <exception cref="TlsException">A file cannot be read, or the certificate or its key is not there.</exception>
    public static TlsFiles Read(TlsConfig config) => new(
        Read("cert", config.Cert ?? throw new TlsException("cert", "is missing, 'private-key' needs it")),
        Read("private-key", config.PrivateKey ?? throw new TlsException("private-key", "is missing, 'cert' needs it")),
        ReadPassphrase(config),
        [.. config.Ca.Select((path, index) => Read($"ca[{index}]", path))]);

    /// <summary>Leaves the secrets out.</summary>
    public override string ToString() => $"TLS files {Hash}";

    private static string? ReadPassphrase(TlsConfig config)
    {
        const string FileKey = "private-key-passphrase-file", EnvKey = "private-key-passphrase-env";
        if (config.PrivateKeyPassphraseFile is { } path)
        {
            // Editors put a line's end behind it.
            string[] lines = Read(FileKey, path).Split('\n');
            return lines[0].Length > 0 ? lines[0].TrimEnd('\r') : throw new TlsException(FileKey, $"'{path}' is empty");
        }

        if (config.PrivateKeyPassphraseEnv is not { } variable) return null;
        return Environment.GetEnvironmentVariable(variable) is { Length: > 0 } passphrase
            ? passphrase
            : throw new TlsException(EnvKey, $"the environment variable '{variable}' is not set");
    }

    private static string Read(string key, string path)
    {
        try
        {
            // Whoever else has it open does not matter: what is written meanwhile is read the next time.
            using var file = new FileStream(
                path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            if (file.Length > MostBytes)
                throw new TlsException(key, $"'{path}' has {file.Length} bytes, expected at most {MostBytes}");
            if (file.Length == 0) return ""; // What is no regular file has no length, and may have no end.
            using var reader = new StreamReader(file);
            return reader.ReadToEnd();
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new TlsException(key, $"the file '{path}' does not exist", exception);
        }
        catch (UnauthorizedAccessException exception)
        {
            string why = Directory.Exists(path) ? "is a folder" : "may not be read by the user of this process";
            throw new TlsException(key, $"'{path}' {why}", exception);
        }
        catch (IOException exception) when (exception is not TlsException)
        {
            throw new TlsException(key, $"'{path}' cannot be read: {exception.Message}", exception);
        }
    }
}
