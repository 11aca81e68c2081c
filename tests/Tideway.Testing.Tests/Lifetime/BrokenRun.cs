using System.Diagnostics;
using System.Xml.Linq;

namespace Tideway.Testing.Tests.Lifetime;

/// <summary>Runs tests that nobody else runs, most of which have to fail, and remembers how they did.</summary>
public class BrokenRun : IAsyncLifetime
{
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(5);
    private readonly string _folder = Directory.CreateTempSubdirectory("tideway-").FullName;
    private XDocument _results = new();

    /// <summary>Everything that failed beside tests.</summary>
    public string Errors => string.Join('\n', _results.Descendants("error").Select(error => error.Value));

    /// <summary>Which classes.</summary>
    protected virtual string Classes => "*.Broken*";

    /// <summary>What <c>TIDEWAY_TEST_PROCESS</c> is.</summary>
    protected virtual string AsProcess => "";

    public async ValueTask InitializeAsync()
    {
        string file = Path.Combine(_folder, "results.xml");
        string assembly = typeof(BrokenRun).Assembly.Location;
        var start = new ProcessStartInfo(
            "dotnet", [assembly, "-explicit", "only", "-class", Classes, "-maxThreads", "unlimited", "-xml", file])
        {
            RedirectStandardOutput = true,
            Environment = { ["TIDEWAY_TEST_PROCESS"] = AsProcess },
        };
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(_patience);
        Assert.True(File.Exists(file), await output);
        _results = XDocument.Load(file);
    }

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        Directory.Delete(_folder, recursive: true);
        return default;
    }

    /// <summary>Finds the tests of a name, and tells how they failed and what was printed.</summary>
    public (string? Failure, string Output)[] Find(string test) =>
    [
        .. _results.Descendants("test")
            .Where(found => found.Attribute("name")!.Value.EndsWith(test, StringComparison.Ordinal))
            .Select(found => (
                found.Element("failure")?.Element("message")?.Value, found.Element("output")?.Value ?? "")),
    ];

    /// <summary>Tells how the only test of a name failed and what was printed.</summary>
    public (string Failure, string Output) FindFailed(string test)
    {
        (string? failure, string output) = Assert.Single(Find("." + test));
        Assert.NotNull(failure);
        return (failure, output);
    }
}
