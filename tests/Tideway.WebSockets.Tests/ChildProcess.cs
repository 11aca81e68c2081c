using System.Diagnostics;
using System.Reflection;

namespace Tideway.WebSockets.Tests;

/// <summary>Runs a static method of the tests in a process of its own, which it may exhaust or end.</summary>
/// <remarks>The process is this program, which the hook diverts before its own beginning.</remarks>
internal static class ChildProcess
{
    private const string MethodVariable = "TIDEWAY_TESTS_METHOD";
    private const char Separator = '!';

    /// <summary>Runs the method, and answers how the process ended: with 0 if the method returned.</summary>
    /// <param name="method">A static method.</param>
    /// <param name="descriptors">How many files the process may have open.</param>
    public static async Task<(int ExitCode, string Output)> RunAsync(Func<Task> method, int descriptors = 1024)
    {
        var start = new ProcessStartInfo("/bin/sh") { RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add($"ulimit -n {descriptors} && exec \"$0\"");
        start.ArgumentList.Add(Environment.ProcessPath!);
        start.Environment[MethodVariable] = $"{method.Method.DeclaringType!.FullName}{Separator}{method.Method.Name}";
        start.Environment["DOTNET_STARTUP_HOOKS"] = typeof(ChildProcess).Assembly.Location;
        using Process process = Process.Start(start)!;
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        try
        {
            Task<string> output = process.StandardOutput.ReadToEndAsync(patience.Token);
            string errors = await process.StandardError.ReadToEndAsync(patience.Token);
            await process.WaitForExitAsync(patience.Token);
            return (process.ExitCode, await output + errors);
        }
        finally
        {
            if (!process.HasExited) process.Kill();
        }
    }

    /// <summary>In such a process: runs the method and ends.</summary>
    public static void RunIfAsked()
    {
        if (Environment.GetEnvironmentVariable(MethodVariable)?.Split(Separator) is not [{ } type, { } method]) return;
        MethodInfo? found = Type.GetType(type)?.GetMethod(method, BindingFlags.NonPublic | BindingFlags.Static);
        found!.CreateDelegate<Func<Task>>()().GetAwaiter().GetResult();
        Environment.Exit(0);
    }
}
