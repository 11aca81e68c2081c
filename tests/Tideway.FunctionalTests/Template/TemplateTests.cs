using System.Diagnostics;

namespace Tideway.FunctionalTests.Template;

/// <summary>The template as its user has it: packed, installed, and what it made built and tested in a fresh
/// folder.</summary>
public sealed class TemplateTests : IDisposable
{
    /// <summary>It restores and builds: minutes, where others are busy.</summary>
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(10);

    private readonly string _folder = Directory.CreateTempSubdirectory("tideway-template-").FullName;

    [Fact]
    public async Task A_new_service_passes_its_own_tests()
    {
        // Of its own, so that no earlier package of the same name is taken.
        string version = $"0.1.0-test.{DateTime.UtcNow:yyyyMMddHHmmss}";
        string packages = Path.Combine(_folder, "packages");
        foreach (string project in Directory.GetDirectories(Repository.Path("src")))
            await PackAsync(project, "--no-build");
        await PackAsync(Repository.Path("templates"), $"-p:TidewayPackages={packages}");

        string service = Path.Combine(_folder, "Acme.my-chat"); // its name is no identifier
        Directory.CreateDirectory(service);
        string[] hive = ["--debug:custom-hive", Path.Combine(_folder, "hive")];
        string template = Path.Combine(packages, $"Tideway.Templates.{version}.nupkg");
        await DotnetAsync(_folder, ["new", "install", template, .. hive]);
        await DotnetAsync(service, ["new", "tideway-service", "--tidewayVersion", version, .. hive]);

        // What it needs it has: its image is built where there is nothing else.
        Directory.Delete(packages, recursive: true);
        Assert.Contains("  succeeded: 3\n", await DotnetAsync(service, "test"), StringComparison.Ordinal);
        Assert.Equal(
            [".dockerignore", ".gitignore", "Acme.my-chat.slnx", "Directory.Build.props", "Dockerfile", "README.md",
                "global.json", "nuget.config"],
            Directory.GetFiles(service).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Equal(
            [$"Tideway.{version}.nupkg", $"Tideway.AspNetCore.{version}.nupkg", $"Tideway.Testing.{version}.nupkg",
                $"Tideway.WebSockets.{version}.nupkg"],
            Directory.GetFiles(Path.Combine(service, "packages")).Select(Path.GetFileName)
                .Order(StringComparer.Ordinal));

        async Task PackAsync(string project, params string[] how) => await DotnetAsync(
            project,
            ["pack", "-c", Repository.Configuration, "-o", packages, $"-p:Version={version}", .. how]);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private async Task<string> DotnetAsync(string folder, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", arguments) { WorkingDirectory = folder };

        // Our packages go into a folder that is deleted; others are taken from where the machine has them.
        string shared = Environment.GetEnvironmentVariable("NUGET_PACKAGES")
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        start.Environment["NUGET_PACKAGES"] = Path.Combine(_folder, "restored");
        start.Environment["NUGET_FALLBACK_PACKAGES"] = shared;

        // No process stays behind that others would wait for.
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        start.Environment["UseSharedCompilation"] = "false";
        (int exitCode, string output, string errors) = await ProgramRun.RunAsync(start, _patience);
        Assert.True(exitCode == 0, $"dotnet {string.Join(' ', arguments)} ended with {exitCode}\n{output}\n{errors}");
        return output.ReplaceLineEndings("\n");
    }
}
