using System.Collections.Concurrent;
using Tideway.Conformance.Cases;
using Tideway.Conformance.Subjects;
using Tideway.Conformance.Wire;
using Tideway.Testing.Wire;

namespace Tideway.Conformance;

/// <summary>Runs cases, some at a time.</summary>
internal static class Runner
{
    private const int AtATime = 16;

    /// <summary>Runs those cases of a category that the end under test takes, and answers in their order.</summary>
    public static async Task<IReadOnlyList<CaseResult>> RunAsync(Category category, Subject subject)
    {
        var results = new ConcurrentDictionary<string, CaseResult>();
        Case[] cases = [.. category.Cases.Where(subject.Takes)];
        await Parallel.ForEachAsync(
            cases,
            new ParallelOptions { MaxDegreeOfParallelism = AtATime },
            async (item, _) => results[item.Id] = await RunAsync(item, subject));
        return [.. cases.Select(item => results[item.Id])];
    }

    private static async Task<CaseResult> RunAsync(Case item, Subject subject)
    {
        Session? session = null;
        try
        {
            session = await subject.ConnectAsync(item);
            var script = new Script();
            item.Write(script);
            await script.RunAsync(session);
            return new CaseResult(item, subject, null, "");
        }
        catch (Exception exception)
        {
            string failure =
                exception is CaseFailedException or WireException ? exception.Message : exception.ToString();
            return new CaseResult(item, subject, failure, session?.Transcript.ToString() ?? "");
        }
        finally
        {
            if (session is not null) await session.DisposeAsync();
        }
    }
}
