namespace Tideway.Tests.Configuration;

/// <summary>A folder that is deleted with what is in it.</summary>
internal sealed class TempFolder : IDisposable
{
    private readonly string _path = Directory.CreateTempSubdirectory("tideway-").FullName;

    public void Dispose() => Directory.Delete(_path, recursive: true);

    public string PathOf(string name) => Path.Combine(_path, name);

    public string Write(string name, string text)
    {
        File.WriteAllText(PathOf(name), text);
        return PathOf(name);
    }
}
