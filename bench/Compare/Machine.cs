using System.Globalization;
using System.Runtime.InteropServices;

namespace Compare;

/// <summary>Where, when and of what the figures are.</summary>
public sealed record Machine
{
    /// <summary>The processor, as it calls itself.</summary>
    public string Cpu { get; } = Read("/proc/cpuinfo", "model name");

    /// <summary>How many processors there are.</summary>
    public int Cores { get; } =
        File.ReadLines("/proc/cpuinfo").Count(line => line.StartsWith("processor", StringComparison.Ordinal));

    /// <summary>The memory, in GiB.</summary>
    public double MemoryGiB { get; } =
        Math.Round(Number(Read("/proc/meminfo", "MemTotal")) / 1048576, 1);

    /// <summary>The release of the kernel.</summary>
    public string Kernel { get; } = File.ReadAllText("/proc/sys/kernel/osrelease").Trim();

    /// <summary>The .NET SDK.</summary>
    public string Sdk { get; } = Commands.TryRun(Repository.Root, "dotnet", "--version") ?? "unknown";

    /// <summary>The .NET runtime.</summary>
    public string Runtime { get; } = RuntimeInformation.FrameworkDescription;

    /// <summary>Node's version.</summary>
    public string Node { get; } = Commands.TryRun(Repository.Root, "node", "--version") ?? "none";

    /// <summary>The commit that was measured.</summary>
    public string Commit { get; } =
        Commands.TryRun(Repository.Root, "git", "describe", "--always", "--dirty") ?? "unknown";

    /// <summary>The day, UTC.</summary>
    public string Date { get; } =
        DateTimeOffset.UtcNow.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);

    /// <summary>How many programs wanted a processor in the minute before; more than a fraction spoils it.</summary>
    public double LoadBefore { get; } = Number(File.ReadAllText("/proc/loadavg"));

    /// <summary>The command line.</summary>
    public required string Command { get; init; }

    private static double Number(string text) => double.Parse(text.Split(' ')[0], CultureInfo.InvariantCulture);

    private static string Read(string file, string name)
    {
        string? line = File.ReadLines(file).FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal));
        return line is null ? "unknown" : line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim();
    }
}
