using Tideway.Conformance.Reports;

namespace Tideway.Conformance;

/// <summary>Holds the page of the documentation to the cases that there are.</summary>
public sealed class SummaryPageTests
{
    [Fact]
    public void The_page_of_the_conformance_suite_is_fresh()
    {
        string path = Path.Combine(FindRoot(), "docs", "conformance.md");
        string expected = SummaryPage.Write();
        if (Environment.GetEnvironmentVariable("TIDEWAY_WRITE_DOCS") == "1") File.WriteAllText(path, expected);
        Assert.True(File.ReadAllText(path) == expected, "docs/conformance.md is stale: run `make conformance`.");
    }

    private static string FindRoot()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(directory.FullName, "Tideway.slnx"))) directory = directory.Parent!;
        return directory.FullName;
    }
}
