namespace Tideway.WebSockets.Tests.Engine;

/// <summary>The names of the threads of this process, as the system shows them.</summary>
internal static class ThreadNames
{
    public static string[] Read() => [.. Directory.EnumerateDirectories("/proc/self/task").Select(Read)];

    private static string Read(string task)
    {
        try
        {
            return File.ReadAllText(Path.Combine(task, "comm")).TrimEnd();
        }
        catch (IOException)
        {
            return ""; // It has ended since.
        }
    }
}
