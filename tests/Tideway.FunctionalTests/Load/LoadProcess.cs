using System.Text.Json;

namespace Tideway.FunctionalTests.Load;

/// <summary>Runs the load generator to its end.</summary>
internal static class LoadProcess
{
    public static Task<(int ExitCode, string Output, string Errors)> RunAsync(params string[] arguments) =>
        ProgramRun.OfToolAsync("Tideway.Load", arguments);

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
