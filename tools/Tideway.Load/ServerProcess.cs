using System.Globalization;

namespace Tideway.Load;

/// <summary>What the system tells about the process of the server: its processor time and its memory.</summary>
internal sealed class ServerProcess(int pid)
{
    // The kernel reports in units of a hundredth of a second, whatever its own clock is.
    private const double MicrosecondsPerTick = 10_000;

    /// <summary>The processor time used so far by all its threads, in microseconds, right to 10 milliseconds.</summary>
    public double CpuMicroseconds
    {
        get
        {
            // The name stands in parentheses and may hold anything. Behind it, utime and stime are fields 12 and 13.
            string stat = Read("stat");
            string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return (Number(fields[11]) + Number(fields[12])) * MicrosecondsPerTick;
        }
    }

    /// <summary>The memory that is resident, in bytes.</summary>
    public long ResidentBytes
    {
        get
        {
            const string Name = "Rss:";
            string line = Read("smaps_rollup").Split('\n')
                .First(line => line.StartsWith(Name, StringComparison.Ordinal));
            return Number(line[Name.Length..].Replace("kB", "", StringComparison.Ordinal).Trim()) * 1024;
        }
    }

    /// <summary>Answers why the process cannot be looked at, or null.</summary>
    public string? FindFlaw()
    {
        try
        {
            _ = (CpuMicroseconds, ResidentBytes);
            return null;
        }
        catch (IOException exception)
        {
            return exception.Message;
        }
    }

    private string Read(string file)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/{file}");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            string why = Directory.Exists($"/proc/{pid}") ? "belongs to another user" : "does not run";
            throw new IOException($"--server-pid {pid}: this process {why}.", exception);
        }
    }

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
