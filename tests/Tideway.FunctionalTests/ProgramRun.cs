using System.Diagnostics;

namespace Tideway.FunctionalTests;

/// <summary>Runs programs to their end.</summary>
internal static class ProgramRun
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    /// <summary>Runs a tool of this repository, from its root.</summary>
    public static Task<(int ExitCode, string Output, string Errors)> OfToolAsync(string name, string[] arguments)
    {
        string tool = Repository.Path("tools", name, "bin", Repository.Configuration, "net10.0", name + ".dll");
        return RunAsync(new ProcessStartInfo("dotnet", [tool, .. arguments]) { WorkingDirectory = Repository.Root });
    }

    /// <summary>Runs a program, which is ended when it takes too long: a minute, if nothing else is said.</summary>
    public static async Task<(int ExitCode, string Output, string Errors)> RunAsync(
        ProcessStartInfo start, TimeSpan? patience = null)
    {
        (start.RedirectStandardOutput, start.RedirectStandardError) = (true, true);
        using Process process = Process.Start(start)!;
        try
        {
            Task<string> output = process.StandardOutput.ReadToEndAsync();
            Task<string> errors = process.StandardError.ReadToEndAsync();
            await process.WaitForExitAsync().WaitAsync(patience ?? _patience);
            return (process.ExitCode, await output, await errors);
        }
        finally
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }
    }
}
