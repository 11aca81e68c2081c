using System.Globalization;

namespace Compare.Peers;

/// <summary>What Linux tells of a process and its connections.</summary>
public static class ProcessStatus
{
    private const double TicksPerSecond = 100; // USER_HZ, the same on every architecture .NET runs on.

    /// <summary>Reads the resident set, in bytes.</summary>
    /// <remarks>From the pages themselves: the counters of <c>status</c> may lag behind.</remarks>
    public static long ResidentBytes(int processId)
    {
        string line = File.ReadLines($"/proc/{processId}/smaps_rollup")
            .First(line => line.StartsWith("Rss:", StringComparison.Ordinal)); // "Rss:  1234 kB"
        string kibibytes = line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1];
        return 1024 * long.Parse(kibibytes, CultureInfo.InvariantCulture);
    }

    /// <summary>Reads the processor time used so far, in seconds.</summary>
    public static double CpuSeconds(int processId)
    {
        string stat = File.ReadAllText($"/proc/{processId}/stat");
        string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' '); // The first is field 3 of proc(5).
        return (Ticks(fields[11]) + Ticks(fields[12])) / TicksPerSecond;

        static double Ticks(string field) => double.Parse(field, CultureInfo.InvariantCulture);
    }

    /// <summary>Counts the open connections of a port, on the server's side.</summary>
    public static int Connections(int port)
    {
        // proc(5): "sl local_address rem_address st ...", where 01 is established.
        string local = FormattableString.Invariant($":{port:X4}");
        return File.ReadLines("/proc/net/tcp").Skip(1)
            .Select(line => line.Split(' ', 5, StringSplitOptions.RemoveEmptyEntries))
            .Count(fields => fields[1].EndsWith(local, StringComparison.Ordinal) && fields[3] == "01");
    }
}
