using System.Text.Json;
using Tideway.Configuration;

namespace Tideway.DynamicConfig;

/// <summary>A file with the last good values, for a start without those who bring them.</summary>
/// <remarks>Used by one thread at a time.</remarks>
/// <param name="path">The file.</param>
internal sealed class DynamicConfigCache(string path)
{
    private byte[] _saved = [];

    /// <summary>The file.</summary>
    public string Path => path;

    /// <summary>Reads the file.</summary>
    /// <param name="reason">Why there are no values.</param>
    /// <returns>The values; null when there are none.</returns>
    public IReadOnlyDictionary<string, ConfigNode>? Load(out string? reason)
    {
        ConfigMap? values = ValueFile.Read(path, out reason);
        return values is null ? null : ValueFile.ToValues(values);
    }

    /// <summary>Replaces the file as a whole, if the values are others than those last saved.</summary>
    /// <returns>Why it could not be written; null when it was.</returns>
    public string? Save(IReadOnlyDictionary<string, ConfigNode> values)
    {
        byte[] json = ToJson(values);
        if (_saved.AsSpan().SequenceEqual(json)) return null;
        try
        {
            Replace(json);
            _saved = json;
            return null;
        }
        catch (Exception exception) when (ConfigFile.IsUnreadable(exception))
        {
            return exception.Message;
        }
    }

    private static byte[] ToJson(IReadOnlyDictionary<string, ConfigNode> values)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            foreach ((string name, ConfigNode value) in values.OrderBy(pair => pair.Key, StringComparer.Ordinal))
            {
                writer.WritePropertyName(name);
                ConfigJson.Write(writer, value);
            }

            writer.WriteEndObject();
        }

        return buffer.ToArray();
    }

    // Writes beside the file and renames: a crash leaves the old file or the new one.
    private void Replace(byte[] json)
    {
        if (System.IO.Path.GetDirectoryName(path) is { Length: > 0 } directory) Directory.CreateDirectory(directory);
        string beside = path + ".new";
        using (var file = new FileStream(beside, FileMode.Create, FileAccess.Write, FileShare.None))
        {
            file.Write(json);
            file.Flush(flushToDisk: true);
        }

        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(
                beside,
                UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        }

        File.Move(beside, path, overwrite: true);
    }
}
