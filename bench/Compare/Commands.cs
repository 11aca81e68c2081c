using System.Diagnostics;

namespace Compare;

/// <summary>Starts other programs.</summary>
public static class Commands
{
    /// <summary>Prepares a program that stays on one processor. Its process id is that of the program itself.</summary>
    public static ProcessStartInfo Pinned(int core, params IEnumerable<string> command) =>
        new("taskset", ["-c", $"{core}", .. command])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };

    /// <summary>Runs a program to its end and answers what it printed; null when it is missing or failed.</summary>
    public static string? TryRun(string directory, string program, params IEnumerable<string> arguments)
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo(program, arguments)
            {
                WorkingDirectory = directory,
                RedirectStandardOutput = true,
            })!;
            string output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0 ? output.Trim() : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }
}
