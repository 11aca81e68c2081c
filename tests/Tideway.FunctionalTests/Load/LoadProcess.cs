using System.Diagnostics;
using System.Text.Json;

namespace Tideway.FunctionalTests.Load;

/// <summary>Runs the load generator to its end.</summary>
internal static class LoadProcess
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    public static async Task<(int ExitCode, string Output, string Errors)> RunAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            ArgumentList =
            {
                Repository.Path(
                    "tools", "Tideway.Load", "bin", Repository.Configuration, "net10.0", "Tideway.Load.dll"),
            },
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (string argument in arguments) start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        try
        {
            Task<string> output = process.StandardOutput.ReadToEndAsync();
            Task<string> errors = process.StandardError.ReadToEndAsync();
            await process.WaitForExitAsync().WaitAsync(_patience);
            return (process.ExitCode, await output, await errors);
        }
        finally
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }
    }

    /// <summary>Runs it without errors, and answers its result, which has to be one line.</summary>
    public static async Task<JsonElement> MeasureAsync(params string[] arguments)
    {
        (int exitCode, string output, string errors) = await RunAsync([.. arguments, "--json", "-"]);
        Assert.True(exitCode == 0, output + errors);
        JsonElement json = JsonDocument.Parse(Assert.Single(output.TrimEnd('\n').Split('\n'))).RootElement;
        Assert.Equal(0, json.GetProperty("errors").GetInt64());
        return json;
    }
}
