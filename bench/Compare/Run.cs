using Compare.Experiments;
using Compare.Peers;
using Compare.Reports;

namespace Compare;

/// <summary>Measures what the settings ask for, and writes the reports.</summary>
public static class Run
{
    /// <summary>Runs to the end, or until it is interrupted: then it reports what it has.</summary>
    /// <param name="settings">What to measure.</param>
    /// <param name="directory">Where the reports go.</param>
    /// <param name="docs">A page whose results are replaced; null for none.</param>
    /// <param name="cancellationToken">Interrupts it.</param>
    /// <returns>The exit code: 0 when everything was measured.</returns>
    public static async Task<int> StartAsync(
        Settings settings, string directory, string? docs, CancellationToken cancellationToken)
    {
        var machine = new Machine { Command = CommandLine() };
        Directory.CreateDirectory(directory);
        PeerList found = PeerList.Find(directory);
        if (Select("peers", found.Peers, peer => peer.Key, settings.Peers) is not { } peers) return 2;
        Experiment[] all =
        [
            new EchoExperiment(settings), new GrowthExperiment(settings), new HandshakeExperiment(settings),
            new IdleExperiment(settings), new HttpExperiment(settings),
        ];
        if (Select("experiments", all, one => one.Key, settings.Experiments) is not { } experiments) return 2;

        peers = [.. peers.Where(peer => experiments.Any(experiment => experiment.Includes(peer)))];
        var comparison = new Comparison(settings, experiments, peers);
        bool interrupted = false;
        try
        {
            await comparison.RunAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            interrupted = true;
        }

        List<string> notes = found.Notes;
        if (interrupted) notes.Add("The run was interrupted.");
        var report = new Report(machine, settings, experiments, peers, comparison, notes);
        Write(report, directory, interrupted ? null : docs);
        return interrupted || comparison.Failures.Count > 0 ? 1 : 0;
    }

    private static void Write(Report report, string directory, string? docs)
    {
        string markdown = MarkdownReport.Write(report);
        File.WriteAllText(Path.Combine(directory, "results.json"), JsonReport.Write(report));
        File.WriteAllText(Path.Combine(directory, "report.html"), HtmlReport.Write(report));
        File.WriteAllText(Path.Combine(directory, "report.md"), markdown);
        if (docs is not null) MarkdownReport.Replace(docs, markdown);
        Console.WriteLine(markdown);
        Console.WriteLine($"Plots: {Path.Combine(directory, "report.html")}");
    }

    private static T[]? Select<T>(string what, IReadOnlyList<T> all, Func<T, string> key, string[] wanted)
    {
        string[] unknown = [.. wanted.Except(all.Select(key))];
        if (unknown.Length == 0) return [.. all.Where(one => wanted.Length == 0 || wanted.Contains(key(one)))];
        string known = string.Join(", ", all.Select(key));
        Console.Error.WriteLine($"There are no {what} {string.Join(", ", unknown)} here; there are {known}.");
        return null;
    }

    private static string CommandLine()
    {
        string[] arguments = Environment.GetCommandLineArgs()[1..];
        return string.Join(' ', ["dotnet run -c Release --project bench/Compare --", .. arguments]);
    }
}
