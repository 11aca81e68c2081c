using System.Collections.Concurrent;
using Tideway.Conformance.Cases;
using Tideway.Conformance.Reports;
using Tideway.Conformance.Subjects;

[assembly: AssemblyFixture(typeof(Tideway.Conformance.ConformanceSuite))]

namespace Tideway.Conformance;

/// <summary>Starts the ends under test once, keeps all results, and writes the report of a whole run.</summary>
public sealed class ConformanceSuite : IAsyncLifetime
{
    private readonly ConcurrentBag<CaseResult> _results = [];

    public async ValueTask InitializeAsync()
    {
        foreach (Subject subject in Subject.All) await subject.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (Subject subject in Subject.All) await subject.DisposeAsync();
        if (Environment.GetEnvironmentVariable("TIDEWAY_CONFORMANCE_REPORT") is not { Length: > 0 } folder) return;
        Directory.CreateDirectory(folder);
        await File.WriteAllTextAsync(Path.Combine(folder, "index.html"), HtmlReport.Write([.. _results]));
        await File.WriteAllTextAsync(Path.Combine(folder, "table.txt"), TableReport.Write([.. _results]));
    }

    internal async Task<IReadOnlyList<CaseResult>> RunAsync(Category category, Subject subject)
    {
        IReadOnlyList<CaseResult> results = await Runner.RunAsync(category, subject);
        foreach (CaseResult result in results) _results.Add(result);
        return results;
    }
}
