using System.Net;
using Tideway.Conformance.Cases;
using Tideway.Conformance.Reports;
using Tideway.Conformance.Subjects;

namespace Tideway.Conformance;

/// <summary>Every case, by category and end under test.</summary>
public sealed class ConformanceTests(ConformanceSuite suite)
{
    public static TheoryData<string, string> Groups { get; } = new(
        from category in Catalog.Categories
        from subject in Subject.All
        where category.Cases.Any(subject.Takes)
        select (category.Key, subject.Name));

    [Theory]
    [MemberData(nameof(Groups))]
    public async Task All_cases_of_a_category_pass(string category, string subject)
    {
        IReadOnlyList<CaseResult> results = await suite.RunAsync(
            Catalog.Categories.Single(item => item.Key == category), Subject.All.Single(item => item.Name == subject));
        string[] failed = [.. results.Where(result => !result.Passed).Select(result =>
            $"{result.Case.Id} ({result.Case.Section}) {result.Case.Title}: {result.Failure}\n{result.Transcript}")];
        Assert.True(failed.Length == 0, $"{failed.Length} of {results.Count} failed:\n{string.Join('\n', failed)}");
    }

    [Fact]
    public async Task A_server_that_checks_nothing_fails_and_is_told_why()
    {
        await using var careless = new CarelessSubject();
        Category reserved = Catalog.Categories.Single(item => item.Key == "reserved");
        Assert.All(await Runner.RunAsync(reserved, careless), result => Assert.False(result.Passed, result.Case.Title));

        Category pings = Catalog.Categories.Single(item => item.Key == "pings");
        IReadOnlyList<CaseResult> results = await Runner.RunAsync(pings, careless);
        Assert.Contains(results, result => result.Passed);
        CaseResult failed = results.First(result => !result.Passed);
        Assert.Contains("sent ", failed.Transcript, StringComparison.Ordinal);
        string report = HtmlReport.Write([failed with { Subject = Subject.All[0] }]);
        Assert.Contains(WebUtility.HtmlEncode(failed.Failure!), report, StringComparison.Ordinal);
        Assert.Contains(failed.Transcript.Split('\n')[0], report, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_case_has_a_title_of_its_own() => Assert.Empty(
        Catalog.Categories.SelectMany(category => category.Cases)
            .GroupBy(item => (item.Title, item.Roles))
            .Where(group => group.Count() > 1)
            .Select(group => group.Key.Title));
}
