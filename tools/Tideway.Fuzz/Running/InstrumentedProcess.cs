using System.Diagnostics;
using SharpFuzz;

namespace Tideway.Fuzz.Running;

/// <summary>Runs this program again on a copy of itself whose code under test says what it reaches.</summary>
/// <remarks>The process may die of an input. What it was running is in a file, so that it is not lost.</remarks>
internal static class InstrumentedProcess
{
    private static readonly string[] _underTest =
        ["Tideway.WebSockets.dll", "Tideway.AspNetCore.dll", "Tideway.dll", "SharpYaml.dll"];

    /// <summary>Runs a command on a target, and answers its exit code.</summary>
    public static async Task<int> RunAsync(
        string target, IEnumerable<string> arguments, CancellationToken cancellationToken)
    {
        string folder = Path.Combine(FuzzFolders.Artifacts, "bin", target);
        CopyInstrumented(folder);
        string current = Path.Combine(folder, "current-input");
        var start = new ProcessStartInfo("dotnet", [Path.Combine(folder, "Tideway.Fuzz.dll"), .. arguments, current]);
        using Process process = Process.Start(start)!;
        try
        {
            await process.WaitForExitAsync(cancellationToken);
        }
        finally
        {
            if (!process.HasExited) process.Kill();
        }

        if (process.ExitCode is not (0 or 1 or Watchdog.HungExitCode))
        {
            Console.Error.WriteLine(
                $"{target}: the process died with {process.ExitCode} of "
                + FuzzFolders.WriteFailed(target, CurrentInput.Read(current)));
        }

        return process.ExitCode;
    }

    private static void CopyInstrumented(string folder)
    {
        if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
        Directory.CreateDirectory(folder);
        foreach (string file in Directory.EnumerateFiles(AppContext.BaseDirectory))
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        foreach (string assembly in _underTest)
            Fuzzer.Instrument(Path.Combine(folder, assembly), static _ => true, Options.Value);
    }
}
