namespace Tideway.FunctionalTests.Fuzz;

/// <summary>The fuzzer as a process: a short run of each target, the same each time, and what it does with a
/// failure.</summary>
public sealed class FuzzTests
{
    [Theory]
    [InlineData("frames")]
    [InlineData("server")]
    [InlineData("client")]
    [InlineData("deflate")]
    [InlineData("request")]
    [InlineData("response")]
    [InlineData("config")]
    public async Task A_target_holds_on_its_corpus_and_on_what_is_made_of_it(string target)
    {
        (int exitCode, string output, string errors) =
            await RunAsync("check", target, "--runs", target == "config" ? "2000" : "20000", "--seed", "1");
        Assert.True(exitCode == 0, output + errors);
        Assert.StartsWith($"{target}: ", output, StringComparison.Ordinal);
        Assert.True(
            Directory.EnumerateFiles(Repository.Path("tools", "Tideway.Fuzz", "Corpus", target)).Any(),
            "The target has no corpus.");
    }

    [Fact]
    public async Task An_input_that_fails_is_shortened_and_kept_and_fails_again()
    {
        (int exitCode, _, string errors) = await RunAsync("check", "broken", "--runs", "100000", "--seed", "1");
        Assert.Equal(1, exitCode);
        Assert.Contains("broken: Tideway.Fuzz.FuzzException: there is a bug in it", errors, StringComparison.Ordinal);

        string[] again = errors.TrimEnd().Split('\n')[^1].Split(" -- ")[1].Split(' ');
        string path = Repository.Path(again[^1]);
        Assert.Equal("bug", await File.ReadAllTextAsync(path));
        (exitCode, _, errors) = await RunAsync(again);
        Assert.NotEqual(0, exitCode);
        Assert.Contains("there is a bug in it", errors, StringComparison.Ordinal);
        File.Delete(path);
    }

    [Fact]
    public async Task With_coverage_a_target_finds_inputs_that_reach_more()
    {
        (int exitCode, string output, string errors) = await RunAsync("fuzz", "response", "--time", "1", "--seed", "1");
        Assert.True(exitCode == 0, output + errors);
        Assert.Matches(@"response: .* [1-9][0-9,]* steps reached, [0-9]{2,} inputs to build on", output);
    }

    private static Task<(int ExitCode, string Output, string Errors)> RunAsync(params string[] arguments) =>
        ProgramRun.OfToolAsync("Tideway.Fuzz", arguments);
}
